// The same words in Simplified Chinese. A missing one is shown in English.

export const chinese = {
  skip: '跳到数据', views: '视图', links: '链接', up: '已运行', status: '状态', metrics: '指标', hawtio: '在 Hawtio 中查看路由',
  overview: '总览', traffic: '流量', line: '队列', configuration: '配置', routes: '路由', title: '({n}) NVIDIA Sidecar', comma: '、',

  stale: '已 {s} 秒没有新数据，显示的是旧数据。正在重新连接…', 'said-stale': '与 sidecar 的连接已断开，正在重新连接。',
  'said-back': '连接已恢复。', 'said-state': '状态：{state}。',

  'is-serving': '平稳', 'is-waiting': '有请求在等待', 'is-paused': '上游要求暂停', 'is-rate_lowered': '已降低速率', 'is-circuit_open': '上游故障',
  'is-circuit_half_open': '上游试探中', 'is-key_refused': '密钥被拒绝（{status}）', 'is-key_refused_for_model': '某模型被拒绝（{status}）',
  'is-upstream_unreachable': '上游不可达', 'is-budget_stands': '没有请求被发送', 'is-queue_nearly_full': '队列将满', 'is-routes_refused': '路由更改被拒绝', 'is-shutting_down': '正在停止',
  connecting: '连接中', lost: '连接已断开',

  'is-it-slow': '慢吗？', why: '为什么？', whose: '谁的请求？', 'what-next': '接下来？',
  'slow-no': '不慢，没有请求在等待。', 'slow-yes': '{n} 个请求在等待，最久 {age}。', 'slow-open': '请求会被立即拒绝。',
  'slow-key': '请求被上游拒绝。', 'slow-unreachable': '请求失败：无法连接。', 'slow-stopping': '新请求会被拒绝。',
  'slow-minute': '最近一分钟的等待：平均 {mean}，最长 {max}。',
  'why-nothing': '预算充足：剩余 {left}/{limit}。',
  'why-circuit_open': '熔断器断开：{calls} 次调用中 {failed} 次失败。', 'why-circuit_half_open': '上游曾失败，正用少量请求试探。',
  'why-key_refused': '自 {since} 起上游拒绝密钥 {key}（{status}）。这不是客户端的密钥。', 'why-key_refused_for_model': '自 {since} 起上游拒绝密钥 {key} 使用 {model}（{status}）。',
  'why-upstream_unreachable': '自 {since} 起无法连接上游。', 'why-budget_stands': '本可发送，但一整分钟没有发送任何请求。', 'why-shutting_down': 'sidecar 已收到停止指令。',
  'why-paused': '上游要求暂停发送。', 'why-learned': '上游实际约允许 {rate}/分，低于此处设置的 {base}。',
  'why-spent': '本分钟预算已用完：{used}/{limit}。', 'why-spread': '本分钟剩余（{left}/{limit}）正均匀发送。',
  'why-model': '上游不再同时运行更多 {model}。', 'why-backoff': '失败后正在退避。',
  'whose-nobody': '没有。', 'whose-of': '{classes}；多数请求 {model}（{n}）。', 'whose-classes': '{classes}。', 'class-n': '{class} {n}',
  'next-open': '下一个请求会再次试探上游。', 'next-probe': '{time}后可再次试探上游。', 'next-key': '请为 {key} 设置有效的密钥（SIDECAR_API_KEY）。', 'next-stopping': '最后一个请求结束后停止。', 'next-paused': '{time}后恢复发送。', 'next-line': '{class}，{model}，{time}。',
  'next-line-no-model': '{class}，{time}。', 'next-free': '下一个请求立即发送。', 'next-in': '下一个请求 {time}后发送。',
  now: '现在', in: '{time}后', soon: '很快',

  budget: '本分钟预算', 'left-of': '/ {limit} 剩余', used: '最近 60 秒已用 {used}', rates: '当前 {effective}/分',
  'rates-base': '当前 {effective}/分，上限 {base}', 'slot-now': '下一个名额：现在', 'slot-in': '下一个名额：{time}后',
  'slot-unknown': '有请求结束时才有名额', 'slot-paused': '暂停 {time}', 'budget-label': '已用 {used}/{limit}，剩余 {left}',

  queue: '等待中', high: '高', normal: '普通', low: '低', 'wait-caption': '目前最长等待；下方为最近一分钟已发送请求的平均与最长等待', 'wait-pair': '{mean} · {max}', 'no-wait': '无发送',
  'wait-age': '已 {age}', 'low-note': '低优先级最多等待 {time}，之后被拒绝（SIDECAR_LOW_TIMEOUT）。',

  provider: '上游', upstream: '可达', circuit: '熔断器', 'share-429': '429 占比', reachable: '是', unreachable: '否', unknown: '尚无消息', 'reached-by': '{state} · {source}，{age}前', 'by-request': '请求', 'by-probe': '探测',
  key: '密钥', 'key-ok': '未被拒绝', 'key-refused': '自 {since} 起被拒绝（{status}）', 'key-refused-model': '自 {since} 起对 {model} 被拒绝（{status}）',
  'pill-circuit_open': '熔断器断开', 'pill-key_refused': '密钥被拒绝（{status}）', 'pill-upstream_unreachable': '不可达', 'pill-circuit_half_open': '试探中',
  'pill-paused': '已暂停', 'pill-key_refused_for_model': '模型被拒绝（{status}）', 'pill-rate_lowered': '已降速',
  closed: '闭合', 'open-circuit': '断开', half_open: '半开', disabled: '停用', forced_open: '强制断开', 'circuit-rate': '{state} · {n} 次中失败 {rate}',
  NORMAL: '正常', RETREAT: '退让', RECOVER: '恢复',
  'retreat-none': '尚无 429：按您设置的上限 {base}/分 运行。',
  'retreat-less': '尚无 429，现以 {effective}/{base}/分 运行。',
  'retreat-refused': '上游在 {accepted}/分 时拒绝（{kind}），{age}前；现以 {effective}/分 运行。',
  'retreat-back': '上次被拒绝在 {age}前，当时 {accepted}/分（{kind}）；现以 {effective}/分 运行。',
  'kind-request_rate': '请求过多', 'kind-token_rate': 'token 过多', 'kind-worker_cap': '同一模型并发过多', 'kind-quota_spent': '额度用尽', 'kind-unknown': '未说明原因',
  'retreat-paused': '按上游要求再暂停 {time}。', 'retreat-probing': '下一步：正在试探稍高的速率。', 'retreat-probe': '下一步：{time}后试探稍高的速率。',
  'retreat-rises': '下一步：不再被拒绝时逐步提高。', 'retreat-others': '同一密钥的其他使用者约占 {n}/分。', 'retreat-stated': '上游声明允许 {n}/分。',
  capped: '{model}：运行 {running}/{cap}，等待 {waiting}',

  requests: '请求', 'since-start': '自启动以来', awaiting: '在上游处理中', streams: '活动的流', total: '总数', throttled: '计入限额', passthrough: '不计入限额',
  retries: '重试', ratelimited: '返回给客户端的 429', 'queue-full': '队列满被拒', 'upstream-errors': '上游失败',

  'first-in-line': '队首', 'whole-line': '整个队列', class: '优先级', model: '模型', 'waits-since': '已等待', 'starts-in': '预计开始', 'nobody-waits': '没有请求在等待。',
  try: '第几次', 'waits-for': '在等', 'who-waits': '等待中的请求（按轮到的顺序）', 'line-caption': '共 {n} 个，显示前 {shown} 个', 'line-all': '共 {n} 个',
  'line-note': '假设不再有新请求。之后到来的更高优先级请求会排在前面。', 'for-turn': '轮到自己', 'for-backoff': '退避结束', 'for-model': '模型空闲',

  'chart-waiting': '等待数', 'chart-waiting-unit': '个请求', 'chart-wait': '最长等待', 'chart-wait-unit': '秒（等待中与已获名额的请求）', 'chart-throughput': '已应答',
  'chart-throughput-unit': '前一分钟的请求数', 'chart-errors': '异常', 'chart-errors-unit': '每 5 秒', rate: '当前速率', '429s': '上游 429', 'client-429': '返回客户端的 429', failed: '上游失败',
  'chart-label': '{title}，最近 15 分钟。{series}', 'chart-series': '{name}：现在 {now}，最高 {max}。', 'minutes-ago': '{n} 分', 'no-history': '5 秒后出现第一个点。',
  models: '模型', 'models-caption': '自启动以来的应答，按数量排序', answers: '应答', errors: '错误', 'latency-mean': '平均耗时', 'latency-max': '最长', 'no-models': '尚无应答。',

  way: '请求的路径', 'way-caption': '第 {n} 代路由，自 {since} 起',
  'routes-refused': '路由更改被拒绝，第 {n} 代继续生效：{problem}{more}', 'routes-more': '（另有 {n} 项）', 'routes-draining': '（{n} 代旧路由仍有请求）', 'routes-error': '无法显示路由。', step: '步骤', does: '作用', times: '次数',
  'other-routes': '其他路由', route: '路由', from: '来自', mean: '平均 {time}', passed: '{n}', inside: '处理中 {n}', 'failed-n': '失败 {n}',

  'token-title': '此 sidecar 需要管理令牌', 'token-hint': '仅保存在此标签页，关闭即忘。', token: '管理令牌', 'use-token': '使用', 'token-wrong': '令牌被拒绝：{message}',
  'token-blocked': '来自此地址的错误令牌过多。正确的令牌随时可用；{seconds} 秒后才会再检查错误的令牌。',
  settings: '设置', 'settings-caption': '立即生效，重启后恢复', undo: '撤销', review: '查看更改', fixed: '启动时确定', 'confirm-title': '更改这些设置？', setting: '设置', old: '现在', new: '之后',
  cancel: '取消', apply: '立即更改', changed: '已更改：{fields}。', 'not-loaded': '无法读取设置：{message}', 'not-saved': '没有更改：{message}', 'no-answer': 'sidecar 没有应答', yes: '是', no: '否',
  rate_rpm: '每分钟请求数', bucket_capacity: '最大突发', request_timeout: '上游最长静默（秒）', queue_timeout: '队列中最长等待（秒）', queue_max_size: '队列容量', low_priority_timeout: '低优先级最长等待（秒）',
  fallback_enabled_passthrough: '队列满时直接转发', log_level: '日志级别',
  'hint-rate_rpm': '上游在任意 60 秒内允许的请求数', 'hint-bucket_capacity': '空闲时一次最多发送', 'hint-request_timeout': '首字节与正文中的静默', 'hint-queue_timeout': '适用于 high 和 normal 级别', 'hint-queue_max_size': '超出则转发或拒绝',
  'hint-low_priority_timeout': '之后低优先级被拒绝（SIDECAR_LOW_TIMEOUT）', 'hint-fallback_enabled_passthrough': '否则返回 429', upstream_url: '上游', upstream_api_key: '密钥', listen: '监听', metrics_port: '管理端口'
};
