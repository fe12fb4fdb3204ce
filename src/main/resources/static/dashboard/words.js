// What the page says, in English and Simplified Chinese, and how it writes numbers. A word that is missing in Chinese is
// said in English.

const english = {
  skip: 'Skip to the figures', views: 'Views', links: 'Links', up: 'up', status: 'Status', metrics: 'Metrics',
  hawtio: 'Routes in Hawtio', overview: 'Overview', traffic: 'Traffic', line: 'Line', configuration: 'Configuration', routes: 'Routes',
  title: '({n}) NVIDIA Sidecar', comma: ', ',

  stale: 'No news for {s} s: what you see is old. Connecting again …',
  'said-stale': 'The connection to the sidecar is lost. Connecting again.',
  'said-back': 'The connection is back.',
  'said-state': 'State: {state}.',

  'is-serving': 'calm', 'is-waiting': 'requests wait', 'is-paused': 'paused by the provider', 'is-rate_lowered': 'limit lowered',
  'is-circuit_open': 'provider fails', 'is-circuit_half_open': 'provider on trial', 'is-key_refused': 'key refused ({status})',
  'is-key_refused_for_model': 'a model refused ({status})', 'is-upstream_unreachable': 'provider unreachable', 'is-budget_stands': 'nothing is sent',
  'is-queue_nearly_full': 'queue nearly full', 'is-routes_refused': 'edit of the routes refused', 'is-shutting_down': 'shutting down',
  connecting: 'connecting', lost: 'connection lost',

  'is-it-slow': 'Is it slow?', why: 'Why?', whose: 'Whose requests?', 'what-next': 'What next?',
  'slow-no': 'No. Nobody waits.',
  'slow-yes': '{n} wait, the longest for {age}.',
  'slow-open': 'Requests are refused at once.',
  'slow-key': 'Requests come back refused.',
  'slow-unreachable': 'Requests fail: no connection.',
  'slow-stopping': 'New requests are refused.',
  'slow-minute': 'Waits of the last minute: {mean} in the mean, {max} at most.',
  'why-nothing': 'The budget has room: {left} of {limit} left.',
  'why-circuit_open': 'The circuit is open: {failed} of {calls} calls failed.',
  'why-circuit_half_open': 'The provider had failed; a few requests try whether it is back.',
  'why-paused': 'The provider asked to be left alone.',
  'why-key_refused': 'The provider refuses the key {key} ({status}) since {since}. It is not the clients’ key.',
  'why-key_refused_for_model': 'The provider refuses the key {key} ({status}) for {model} since {since}.',
  'why-upstream_unreachable': 'No connection to the provider since {since}.',
  'why-budget_stands': 'Requests could be sent, and for a whole minute none was.',
  'why-shutting_down': 'The sidecar has been told to stop.',
  'why-learned': 'The provider allows about {rate}/min, less than the {base} set here.',
  'why-spent': 'The minute is spent: {used} of {limit} used.',
  'why-spread': 'What is left of the minute ({left} of {limit}) is spread out.',
  'why-model': 'The provider runs no more of {model} at a time.',
  'why-backoff': 'They back off after a failed try.',
  'whose-nobody': 'Nobody’s.',
  'whose-of': '{classes}; most ask for {model} ({n}).',
  'whose-classes': '{classes}.',
  'class-n': '{n} {class}',
  'next-open': 'The next request tries the provider again.',
  'next-probe': 'A request may try the provider again in {time}.',
  'next-key': 'Give the sidecar a valid key for {key} (SIDECAR_API_KEY).',
  'next-stopping': 'It ends when the last request has ended.',
  'next-paused': 'Sending goes on in {time}.',
  'next-line': '{class}, {model}, {time}.',
  'next-line-no-model': '{class}, {time}.',
  'next-free': 'The next request goes at once.',
  'next-in': 'The next request goes in {time}.',
  now: 'now', in: 'in {time}', soon: 'soon',

  budget: 'Budget of the minute', 'left-of': 'of {limit} left', used: '{used} used in the last 60 s',
  rates: '{effective}/min in force', 'rates-base': '{effective} of {base}/min in force',
  'slot-now': 'next slot: now', 'slot-in': 'next slot in {time}', 'slot-unknown': 'next slot when one ends',
  'slot-paused': 'paused for {time}',
  'budget-label': '{used} of {limit} used, {left} left',

  queue: 'Waiting', high: 'high', normal: 'normal', low: 'low',
  'wait-caption': 'Longest wait so far; below, of those sent in the last minute, mean and longest', 'wait-pair': '{mean} · {max}', 'no-wait': 'none sent',
  'wait-age': 'for {age}', 'low-note': 'low waits {time} at most, then it is refused (SIDECAR_LOW_TIMEOUT).',

  provider: 'Provider', upstream: 'Reachable', circuit: 'Circuit', 'share-429': 'Answered 429',
  reachable: 'yes', unreachable: 'no', unknown: 'not heard of yet', 'reached-by': '{state} · {source}, {age} ago', 'by-request': 'a request', 'by-probe': 'a probe',
  key: 'Key', 'key-ok': 'not refused', 'key-refused': 'refused ({status}) since {since}', 'key-refused-model': 'refused ({status}) for {model} since {since}',
  'pill-circuit_open': 'circuit open', 'pill-key_refused': 'key refused ({status})', 'pill-upstream_unreachable': 'unreachable', 'pill-circuit_half_open': 'on trial',
  'pill-paused': 'paused', 'pill-key_refused_for_model': 'model refused ({status})', 'pill-rate_lowered': 'limit lowered',
  closed: 'closed', 'open-circuit': 'open', half_open: 'half open', disabled: 'disabled', forced_open: 'forced open',
  'circuit-rate': '{state} · {rate} failed of {n}',
  NORMAL: 'normal', RETREAT: 'retreat', RECOVER: 'recover',
  'retreat-none': 'No 429 so far: it runs at the limit that you set, {base}/min.',
  'retreat-less': 'No 429 so far. It runs at {effective} of {base}/min.',
  'retreat-refused': 'The provider refused at {accepted}/min, {age} ago ({kind}); it runs at {effective}/min.',
  'retreat-back': 'Last refused {age} ago, at {accepted}/min ({kind}); it runs at {effective}/min.',
  'kind-request_rate': 'too many requests', 'kind-token_rate': 'too many tokens', 'kind-worker_cap': 'too many of a model at once',
  'kind-quota_spent': 'quota spent', 'kind-unknown': 'it did not say why',
  'retreat-paused': 'Paused for another {time}, as the provider asks.',
  'retreat-probing': 'Next step: it is trying a little more now.',
  'retreat-probe': 'Next step: it tries a little more in {time}.',
  'retreat-rises': 'Next step: it rises step by step while nothing is refused.',
  'retreat-others': 'Others use about {n}/min of the same key.',
  'retreat-stated': 'The provider says it allows {n}/min.',
  capped: '{model}: {running} of {cap} running, {waiting} wait',

  requests: 'Requests', 'since-start': 'since the start', awaiting: 'at the provider', streams: 'active streams',
  total: 'Total', throttled: 'Count against the limit', passthrough: 'Pass beside it', retries: 'Tried again',
  ratelimited: 'Clients told 429', 'queue-full': 'Refused, line full', 'upstream-errors': 'Provider failed',

  'first-in-line': 'First in line', 'whole-line': 'The whole line', class: 'Class', model: 'Model', 'waits-since': 'Waiting for',
  'starts-in': 'Starts in', 'nobody-waits': 'Nobody waits.', try: 'Try', 'waits-for': 'Waits for',
  'who-waits': 'Who waits, in the order of their turns', 'line-caption': 'the first {shown} of {n}', 'line-all': '{n}',
  'line-note': 'If nobody else came. A request of a higher class that comes later goes before.',
  'for-turn': 'its turn', 'for-backoff': 'its back-off', 'for-model': 'its model',

  'chart-waiting': 'Waiting', 'chart-waiting-unit': 'requests', 'chart-wait': 'Longest wait', 'chart-wait-unit': 'seconds, so far or until sent',
  'chart-throughput': 'Answered', 'chart-throughput-unit': 'requests in the minute before', 'chart-errors': 'Trouble',
  'chart-errors-unit': 'in 5 seconds', rate: 'rate in force', '429s': 'provider’s 429', 'client-429': 'clients told 429', failed: 'provider failed',
  'chart-label': '{title}, last 15 minutes. {series}', 'chart-series': '{name}: now {now}, at most {max}.',
  'minutes-ago': '{n} min', 'no-history': 'The first point comes in 5 seconds.',
  models: 'Models', 'models-caption': 'answered since the start, busiest first', answers: 'Answers', errors: 'Errors',
  'latency-mean': 'Mean time', 'latency-max': 'Longest', 'no-models': 'No request has been answered yet.',

  way: 'The way of a request', 'way-caption': 'generation {n} of the routes, since {since}',
  'routes-refused': 'A change of the routes was refused, generation {n} stays in force: {problem}{more}', 'routes-more': ' ({n} more)',
  'routes-draining': '({n} earlier still have requests)', 'routes-error': 'The routes cannot be shown.',
  step: 'Step', does: 'What it does', times: 'Times', 'other-routes': 'Other routes', route: 'Route', from: 'From', mean: '{time} in the mean',
  passed: '{n}', inside: '{n} inside', 'failed-n': '{n} failed',

  'token-title': 'This sidecar asks for its admin token', 'token-hint': 'It stays in this tab and is forgotten when you close it.',
  token: 'Admin token', 'use-token': 'Use it', 'token-wrong': 'That token was refused: {message}',
  'token-blocked': 'Too many wrong tokens came from your address. The right one opens at any time; the next wrong one is looked at in {seconds} s.',
  settings: 'Settings', 'settings-caption': 'take effect at once, until the next start', undo: 'Undo', review: 'Review changes',
  fixed: 'Fixed at the start', 'confirm-title': 'Change these settings?', setting: 'Setting', old: 'Now', new: 'Then',
  cancel: 'Cancel', apply: 'Change now', changed: 'Changed: {fields}.', 'not-loaded': 'The settings could not be read: {message}',
  'not-saved': 'Nothing was changed: {message}', 'no-answer': 'no answer from the sidecar', yes: 'yes', no: 'no',
  rate_rpm: 'Requests a minute', bucket_capacity: 'Largest burst', request_timeout: 'Longest silence of the provider (s)', queue_timeout: 'Longest wait in the queue (s)',
  queue_max_size: 'Places in line', low_priority_timeout: 'Longest wait of low (s)',
  fallback_enabled_passthrough: 'Full line: forward at once', log_level: 'Log level',
  'hint-rate_rpm': 'what the provider allows in any 60 s', 'hint-bucket_capacity': 'sent at once from an idle state',
  'hint-request_timeout': 'for the first byte, and within a body', 'hint-queue_timeout': 'for the classes high and normal', 'hint-queue_max_size': 'more are passed on or refused',
  'hint-low_priority_timeout': 'low is refused after that (SIDECAR_LOW_TIMEOUT)', 'hint-fallback_enabled_passthrough': 'otherwise they are told 429',
  'hint-log_level': '', upstream_url: 'Provider', upstream_api_key: 'Key', listen: 'Listens on', metrics_port: 'Management port'
};

const chinese = {
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

/** For whoever checks that nothing is missing. */
export const dictionaries = {english, chinese};

const isChinese = /^zh\b/i.test(navigator.language ?? '');
const locale = isChinese ? 'zh-CN' : 'en';
const words = isChinese ? {...english, ...chinese} : english;

/** The words of this key, with {names} replaced. */
export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Gives the words to all that the page itself holds. */
export function translatePage() {
  document.documentElement.lang = isChinese ? 'zh-CN' : 'en';
  for (const each of document.querySelectorAll('[data-t]')) each.textContent = t(each.dataset.t);
  for (const each of document.querySelectorAll('[data-t-label]')) each.setAttribute('aria-label', t(each.dataset.tLabel));
}

const plain = new Intl.NumberFormat(locale, {maximumFractionDigits: 1});
const parts = new Intl.NumberFormat(locale, {style: 'percent', maximumFractionDigits: 1});

export const number = value => typeof value === 'number' ? plain.format(value) : '–';
export const percent = value => typeof value === 'number' ? parts.format(value) : '–';

const units = isChinese ? {d: '天', h: '小时', min: '分', s: '秒', ms: '毫秒'} : {d: 'd', h: 'h', min: 'min', s: 's', ms: 'ms'};
const join = (value, unit) => `${value}\u00a0${units[unit]}`;

/** Seconds as people say them: 0.3 s, 12 s, 4 min 10 s. */
export function duration(seconds) {
  if (typeof seconds !== 'number') return '–';
  if (seconds < 10) return join(plain.format(Math.max(0, seconds)), 's');
  if (seconds < 60) return join(Math.round(seconds), 's');
  const sizes = [['d', 86400], ['h', 3600], ['min', 60], ['s', 1]];
  const [[bigUnit, big], [smallUnit, small]] = sizes.slice(sizes.findIndex(([, size]) => seconds >= size));
  const rest = Math.floor(seconds % big / small);
  return join(Math.floor(seconds / big), bigUnit) + (rest > 0 ? ` ${join(rest, smallUnit)}` : '');
}

const timeOfDay = new Intl.DateTimeFormat(locale, {timeStyle: 'medium'});

/** Seconds since 1970, as the clock on the wall shows them. */
export const clock = seconds => timeOfDay.format(seconds * 1000);

/** Milliseconds, likewise. */
export const millis = ms => ms < 1000 ? join(Math.round(ms), 'ms') : duration(ms / 1000);
