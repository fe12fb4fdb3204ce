// A plug-in of Hawtio. It puts the diagrams of the routes that requests take first, in the order in which requests take them, and opens
// the first one. Hawtio 4.3 loads a plug-in as a remote module of webpack's module federation: an object with init and get.
window.sidecar = (() => {
  const DOMAIN = 'org.apache.camel';
  const FLOW = 'request flow';
  /** The groups of routes. One without a group is in the group default. */
  const ORDER = ['requests', 'default', 'others', 'counts', 'sidecar'];
  const OTHERS = ORDER.indexOf('others');
  const BESIDE = ['counts', 'sidecar'];
  const OPTIONS = 'resilience4jConfiguration, simple, constant, header, exchangeProperty, variable, jsonpath, language, method';

  /** The routes of a folder and of the groups in it. */
  const routesOf = node => node.getChildren().flatMap(child => child.getType() === 'routeGroups' ? routesOf(child) : [child]);

  const address = step => step.getAttribute('uri')?.split('?')[0];

  /** Those that lead to others before those that they lead to, and what is said first before what is said later. */
  function inOrderOfTheWay(routes) {
    const all = routes.map(route => ({route, xml: parse(route.getMetadata('xml'))}))
      .map(each => ({...each, from: address(each.xml.querySelector('from') ?? each.xml), to: [...each.xml.querySelectorAll('to')].map(address)}));
    const led = new Set(all.flatMap(({to}) => to));
    const ordered = [];
    const seen = new Set();
    const add = each => {
      if (!each || seen.has(each)) return;
      seen.add(each);
      for (const to of each.to.toReversed()) add(all.find(({from}) => from === to));
      ordered.unshift(each.route);
    };
    const begins = all.filter(({from}) => !led.has(from)).sort((a, b) => a.to.length - b.to.length);
    [...begins, ...all].forEach(add);
    return ordered;
  }

  const parse = xml => new DOMParser().parseFromString(xml ?? '<route/>', 'text/xml').documentElement;

  /** With steps that are labelled by their ids, as in the YAML files. */
  function named(xml) {
    const root = parse(xml);
    for (const step of root.querySelectorAll('[id]')) step.setAttribute('customId', 'true');
    return new XMLSerializer().serializeToString(root);
  }

  /** Without conditions and options, which would be drawn as parts of names and as steps, and with a fallback after what it is for. */
  function drawable(xml) {
    const root = parse(xml);
    for (const option of root.querySelectorAll(OPTIONS)) option.remove();
    for (const fallback of root.querySelectorAll('onFallback')) fallback.parentElement.append(fallback);
    return new XMLSerializer().serializeToString(root);
  }

  /** Without its MBean, so that a click shows the diagram and not a list of attributes. */
  function addDiagram(folder, route) {
    const node = folder.getOrCreate(route.name, false);
    node.setType('routeNode');
    node.icon = route.icon;
    node.objectName = route.objectName;
    node.addMetadata('domain', DOMAIN);
    node.addMetadata('xml', drawable(route.getMetadata('xml')));
    return node;
  }

  /** The first folder: the way of a request in the routes in force. */
  function addFlow(contexts, context, routes) {
    const folder = contexts.getOrCreate(FLOW, true);
    folder.setType('routes');
    folder.icon = routes.icon;
    folder.expandedIcon = routes.expandedIcon;
    folder.defaultExpanded = true;
    folder.addMetadata('domain', DOMAIN);
    folder.addMetadata('context', context.objectName);
    const nodes = inOrderOfTheWay(routesOf(routes).filter(route => !BESIDE.includes(route.getMetadata('group')))).map(route => addDiagram(folder, route));
    folder.addMetadata('xml', `<routes>${nodes.map(node => node.getMetadata('xml')).join('')}</routes>`);
    contexts.children.sort((a, b) => Number(b === folder) - Number(a === folder));
  }

  /** What operators edit before the sidecar's own, each with what Hawtio needs for labels and counts in a diagram. */
  function arrangeRoutes(context, routes) {
    const place = ({name}) => ORDER.includes(name) ? ORDER.indexOf(name) : OTHERS;
    routes.children.sort((a, b) => place(a) - place(b));
    for (const group of routes.getChildren()) group.addMetadata('context', context.objectName);
    for (const node of [routes, ...routesOf(routes)]) node.addMetadata('xml', named(node.getMetadata('xml')));
  }

  const generation = ({name}) => Number(name.match(/\d+$/)?.[0] ?? 0);

  function arrange(tree) {
    const contexts = tree.get(DOMAIN)?.get('Camel Contexts', true);
    const all = (contexts?.getChildren() ?? []).map(context => ({context, routes: context.get('routes', true)})).filter(({routes}) => routes);
    for (const {context, routes} of all) arrangeRoutes(context, routes);
    const [inForce] = all.sort((a, b) => generation(b.context) - generation(a.context));
    if (inForce) addFlow(contexts, inForce.context, inForce.routes);
  }

  function plugIn({hawtio, treeProcessorRegistry, workspace, PluginNodeSelectionContext}, {useContext, useEffect}, {useNavigate}) {
    /** Chooses the first diagram and goes on to where Hawtio shows it. */
    function RequestFlow() {
      const {setSelectedNode} = useContext(PluginNodeSelectionContext);
      const navigate = useNavigate();
      useEffect(() => {
        workspace.getTree().then(tree => {
          setSelectedNode(tree.find(node => node.name === FLOW)?.getChildren()[0] ?? null);
          navigate('/camel', {replace: true});
        });
      }, []);
      return null;
    }
    treeProcessorRegistry.add('sidecar', async tree => arrange(tree));
    hawtio.addPlugin({id: 'sidecar', title: 'Request flow', path: '/flow', order: 1, component: RequestFlow, isActive: async () => true});
  }

  let scope;
  const shared = async name => (await Object.values(scope[name])[0].get())();
  return {
    init(offered) { scope = offered; },
    async get() {
      const modules = await Promise.all(['@hawtio/react', 'react', 'react-router-dom'].map(shared));
      return () => ({plugin: () => plugIn(...modules)});
    },
  };
})();
