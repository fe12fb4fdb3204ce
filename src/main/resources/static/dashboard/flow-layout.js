// Where the boxes and ways of the flow map are. Boxes and the labels of ways lie in layers, one after the other in the direction of the
// requests (Sugiyama et al. 1981). A way crosses a layer only in a place of its own, so that no way runs under a box or a label.

const BETWEEN = 22; // items of one layer
const LEAST_GAP = 10; // layers
const MOST_GAP = 40;
const SWEEPS = 12;
const PORTS = 15; // ends of ways at one side of a box

const mean = values => values.reduce((sum, value) => sum + value, 0) / values.length;

/** The layers of boxes: as far from the beginning as the longest way is long. What leads in a circle is left out of account. */
function ranksOf(boxes, ways) {
  const ranks = new Map();
  const visit = (id, rank, path) => {
    if (path.has(id) || (ranks.get(id) ?? -1) >= rank) return;
    ranks.set(id, rank);
    for (const {head, tail} of ways) if (tail === id) visit(head, rank + 1, new Set(path).add(id));
  };
  const led = new Set(ways.map(({head}) => head));
  for (const {id} of boxes) if (!led.has(id)) visit(id, 0, new Set());
  for (const {id} of boxes) if (!ranks.has(id)) visit(id, 0, new Set());
  return ranks;
}

/** Boxes in the even layers, labels in the odd ones, and bends where a way passes a layer by. */
function layersOf(boxes, ways) {
  const ranks = ranksOf(boxes, ways);
  const layers = [];
  const put = (layer, item) => { (layers[layer] ??= []).push(item); return item; };
  const items = new Map(boxes.map(box => [box.id, put(2 * ranks.get(box.id), {...box, before: [], after: []})]));
  const chains = ways.map(way => {
    const [first, last] = [2 * ranks.get(way.tail), 2 * ranks.get(way.head)];
    const inner = [];
    for (let layer = first + 1; layer < last; layer++) {
      inner.push(put(layer, layer === first + 1 ? {...way.label, before: [], after: []} : {along: 0, across: 4, before: [], after: []}));
    }
    const chain = [items.get(way.tail), ...inner, items.get(way.head)];
    chain.slice(1).forEach((item, i) => { item.before.push(chain[i]); chain[i].after.push(item); });
    return {way, chain};
  });
  return {layers: Array.from(layers, layer => layer ?? []), items, chains};
}

/** Moves the items of a layer as near to where they want to be as their order and sizes allow. */
function settle(layer, wanted) {
  const blocks = [];
  let before = 0;
  layer.forEach((item, i) => {
    const offset = i === 0 ? 0 : before + (layer[i - 1].across + item.across) / 2 + BETWEEN;
    before = offset;
    blocks.push({items: [[item, offset]], at: wanted[i] - offset, weight: 1});
    while (blocks.length > 1 && blocks.at(-2).at > blocks.at(-1).at) {
      const [upper, lower] = blocks.splice(-2);
      const weight = upper.weight + lower.weight;
      blocks.push({items: [...upper.items, ...lower.items], at: (upper.at * upper.weight + lower.at * lower.weight) / weight, weight});
    }
  });
  for (const {items, at} of blocks) for (const [item, offset] of items) item.y = at + offset;
}

const order = layer => new Map(layer.map((item, i) => [item, i]));

function crossings(layers) {
  return layers.slice(1).reduce((sum, layer, i) => {
    const [places, next] = [order(layers[i]), order(layer)];
    const links = layers[i].flatMap(item => item.after.map(other => [places.get(item), next.get(other)]));
    return sum + links.reduce((all, [a, b], j) => all + links.slice(j + 1).filter(([c, d]) => (a - c) * (b - d) < 0).length, 0);
  }, 0);
}

/** Each layer in the order of what its items are linked to, to and fro; the order with the fewest crossings is taken. */
function untangled(layers) {
  let best = layers;
  for (const begin of [layers, layers.map(layer => layer.toReversed())]) {
    const tried = begin.map(layer => [...layer]);
    for (let sweep = 0; sweep < SWEEPS; sweep++) {
      const [side, step] = sweep % 2 === 0 ? ['before', 1] : ['after', -1];
      for (let i = step > 0 ? 1 : tried.length - 2; i >= 0 && i < tried.length; i += step) {
        const [own, other] = [order(tried[i]), order(tried[i - step])];
        const wish = item => item[side].length > 0 ? mean(item[side].map(each => other.get(each))) : own.get(item);
        tried[i].sort((a, b) => wish(a) - wish(b) || own.get(a) - own.get(b));
      }
      if (crossings(tried) < crossings(best)) best = tried.map(layer => [...layer]);
    }
  }
  return best;
}

function arrange(layers) {
  for (const layer of layers) layer.forEach((item, i) => { item.y = i * 60; });
  const wish = item => {
    const linked = [...item.before, ...item.after];
    return linked.length > 0 ? mean(linked.map(({y}) => y)) : item.y;
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const layer of sweep % 2 === 0 ? layers : layers.toReversed()) settle(layer, layer.map(wish));
  }
  const top = Math.min(...layers.flat().map(({y, across}) => y - across / 2));
  for (const item of layers.flat()) item.y -= top;
}

/** Sets the layers side by side, and spreads them over the room there is. */
function spread(layers, room) {
  const sizes = layers.map(layer => Math.max(0, ...layer.map(({along}) => along)));
  const free = (room - sizes.reduce((sum, size) => sum + size, 0)) / Math.max(1, layers.length - 1);
  const gap = Math.min(MOST_GAP, Math.max(LEAST_GAP, Math.floor(free)));
  let x = 0;
  layers.forEach((layer, i) => {
    for (const item of layer) Object.assign(item, {x: x + sizes[i] / 2, left: x, right: x + sizes[i]});
    x += sizes[i] + gap;
  });
  return x - gap;
}

/** Where each way leaves its first box and reaches its last one: beside each other, in the order of what they lead to. */
function portsOf(items, chains) {
  const ports = new Map(chains.map(({way}) => [way, {}]));
  for (const box of items.values()) {
    for (const [side, next] of [['tail', 1], ['head', -2]]) {
      const here = chains.filter(({way}) => way[side] === box.id).sort((a, b) => a.chain.at(next).y - b.chain.at(next).y);
      const step = Math.min(PORTS, box.across / (here.length + 1));
      here.forEach(({way}, i) => { ports.get(way)[side] = box.y + (i - (here.length - 1) / 2) * step; });
    }
  }
  return ports;
}

/** Points from the one end of a way to the other: the middle of its label, and two for each layer of boxes that it crosses. */
function pointsOf({chain}, {tail, head}) {
  const [first, last] = [chain[0], chain.at(-1)];
  return [{x: first.x + first.along / 2, y: tail}, {x: first.right, y: tail},
    ...chain.slice(1, -1).flatMap(({x, left, right, y}, i) => i % 2 === 0 ? [{x, y}] : [{x: left, y}, {x: right, y}]),
    {x: last.left, y: head}, {x: last.x - last.along / 2, y: head}];
}

/**
 * @param boxes each with id, width and height
 * @param ways each with id, from, to, back (whether it leads against the direction), width and height of its label
 * @param direction LR or TB
 * @param room how much there is in that direction
 */
export function layOut(boxes, ways, direction, room) {
  const across = direction === 'LR';
  const turned = ({x, y}) => across ? {x, y} : {x: y, y: x};
  const sized = ({width, height}) => across ? {along: width, across: height} : {along: height, across: width};
  const {layers: tangled, items, chains} = layersOf(boxes.map(box => ({id: box.id, ...sized(box)})),
    ways.map(way => ({id: way.id, back: way.back, tail: way.back ? way.to : way.from, head: way.back ? way.from : way.to, label: sized(way)})));
  const layers = untangled(tangled);
  arrange(layers);
  const length = spread(layers, room);
  const breadth = Math.max(...layers.flat().map(({y, across: size}) => y + size / 2));
  const ports = portsOf(items, chains);
  const {x: width, y: height} = turned({x: length, y: breadth});
  return {
    width, height,
    boxes: new Map([...items].map(([id, item]) => [id, turned(item)])),
    ways: new Map(chains.map(each => {
      const points = pointsOf(each, ports.get(each.way)).map(turned);
      return [each.way.id, {...turned(each.chain[1]), points: each.way.back ? points.toReversed() : points}];
    })),
  };
}

const spot = ({x, y}) => `${x.toFixed(1)},${y.toFixed(1)}`;

/** 1 where the end of a way leads in the direction of the layers, and -1 where it leads against it. */
function ahead(points, axis) {
  const last = points.at(-1)[axis];
  const before = points.findLast(point => Math.abs(point[axis] - last) > .5);
  return before && before[axis] > last ? -1 : 1;
}

/** A path along the points, which runs in the direction of the layers wherever it meets one. It ends so far before the last point. */
export function path(points, direction, gap) {
  const lies = direction === 'LR';
  const short = ahead(points, lies ? 'x' : 'y') * gap;
  const end = {x: points.at(-1).x - (lies ? short : 0), y: points.at(-1).y - (lies ? 0 : short)};
  return points.slice(1, -1).concat(end).reduce((drawn, point, i) => {
    const before = points[i];
    const half = lies ? (before.x + point.x) / 2 : (before.y + point.y) / 2;
    const bends = lies ? [{x: half, y: before.y}, {x: half, y: point.y}] : [{x: before.x, y: half}, {x: point.x, y: half}];
    return `${drawn} C${spot(bends[0])} ${spot(bends[1])} ${spot(point)}`;
  }, `M${spot(points[0])}`);
}

/** The head of an arrow at the last of the points. */
export function head(points, direction, size) {
  const last = points.at(-1);
  const lies = direction === 'LR';
  const long = ahead(points, lies ? 'x' : 'y') * size;
  const corner = side => lies ? {x: last.x - long, y: last.y + side * size * .5} : {x: last.x + side * size * .5, y: last.y - long};
  return `M${spot(last)} L${spot(corner(1))} L${spot(corner(-1))} z`;
}
