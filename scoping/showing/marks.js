/* How a hotspot is drawn: colours, outlines, signs and badges, the same on the map and in the legend.
 *
 * Colour is never alone: each class has an outline (weight, dash, hatch) and a sign of its own.
 */
(function () {
  'use strict';

  var SVG = 'http://www.w3.org/2000/svg';

  // Purple is more, green is less, grey is the same, blue is another shape or place (ColorBrewer PRGn and Blues).
  // The second cue beside colour is the outline (weight, dash, hatch) and the sign on the badge.
  var STYLES = {
    light: {
      born: ['#7b3294', '#40004b', 3.5, ''], reactivated: ['#af8dc3', '#40004b', 3, '9 4'],
      grew: ['#c2a5cf', '#762a83', 2.5, ''], stable: ['#b8bcc2', '#4d545e', 1.5, ''],
      shrank: ['#a6dba0', '#1b7837', 2, '7 3'], moved: ['#9ecae1', '#0b5394', 2, ''],
      merged: ['#9ecae1', '#0b5394', 2, '12 3'], split: ['#9ecae1', '#0b5394', 2, '3 3'],
      dissolved: ['hatch', '#1b7837', 2, '4 4'], first: ['#dfe2e6', '#4d545e', 1.5, '2 2'], forming: ['#efe6f3', '#7b3294', 1.2, '2 3'],
      below: ['none', '#1b7837', 1.5, '6 4'], no_data: ['none', '#6a717b', 1.2, '1 4']
    },
    dark: {
      born: ['#a64ac9', '#efd9fb', 3.5, ''], reactivated: ['#8d6aa3', '#efd9fb', 3, '9 4'],
      grew: ['#b48cc7', '#e7d4f0', 2.5, ''], stable: ['#7c838d', '#c3c9d1', 1.5, ''],
      shrank: ['#6fb56c', '#d4f0d0', 2, '7 3'], moved: ['#5a9fcb', '#cfe6f7', 2, ''],
      merged: ['#5a9fcb', '#cfe6f7', 2, '12 3'], split: ['#5a9fcb', '#cfe6f7', 2, '3 3'],
      dissolved: ['hatch', '#7fcf86', 2, '4 4'], first: ['#5b636e', '#c3c9d1', 1.5, '2 2'], forming: ['#4a3a54', '#d3a6ea', 1.2, '2 3'],
      below: ['none', '#7fcf86', 1.5, '6 4'], no_data: ['none', '#9aa3ae', 1.2, '1 4']
    }
  };
  var SIGNS = {                 // drawn in a box from -4 to 4
    born: 'M0-3V3M-3 0H3', reactivated: 'M2.6-1.6A3 3 0 1 0 3 .8M3-3.4V-1.4H.8',
    grew: 'M-3 2L0-2.6L3 2Z', stable: '', shrank: 'M-3-2L0 2.6L3-2Z',
    moved: 'M-3.2 0H2.6M.2-2.4L2.8 0L.2 2.4', merged: 'M-3-2.6L0 0L-3 2.6M0 0H3.2', split: 'M3-2.6L0 0L3 2.6M0 0H-3.2',
    dissolved: 'M-2.4-2.4L2.4 2.4M2.4-2.4L-2.4 2.4', first: '', forming: 'M0-1.2V1.2M-1.2 0H1.2', below: 'M-2.6 0H2.6',
    no_data: 'M-1.9-1.7A1.9 1.9 0 1 1 .6 .2Q0 .5 0 1.2M0 3.2V3.3'
  };


  var PLAIN = { stable: 1, first: 1, below: 1, no_data: 1 };    // nothing changed, or it cannot be said

  function svg(tag, attributes, parent) {
    var node = document.createElementNS(SVG, tag);
    for (var name in attributes) node.setAttribute(name, attributes[name]);
    if (parent) parent.appendChild(node);
    return node;
  }
  function fill(colour, theme) { return colour === 'hatch' ? 'url(#hs-hatch-' + theme + ')' : colour; }

  function hatches(root) {       // once a page, in an svg that is never hidden
    var defs = svg('defs', {}, svg('svg', { 'class': 'hs-defs', 'aria-hidden': 'true' }, root));
    ['light', 'dark'].forEach(function (theme) {
      var pattern = svg('pattern', {
        id: 'hs-hatch-' + theme, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)'
      }, defs);
      svg('path', { d: 'M0 0V6', stroke: STYLES[theme].dissolved[1], 'stroke-width': 2.2 }, pattern);
    });
  }

  function badge(node, mark) {   // mark: {c, n ('' for none), flag, selected, theme}
    var key = [mark.theme, mark.c, mark.n, mark.flag ? 1 : 0, mark.selected ? 1 : 0].join(), known = drawn[key];
    if (!known) known = drawn[key] = draw(mark);
    node.replaceChildren(known.icon.cloneNode(true));
    return known.r;
  }
  var drawn = {};                // a badge is built once and copied
  function radius(mark) { return Math.max(11, Math.min(21, 7 + 2.2 * Math.sqrt(mark.n || 0))); }
  function draw(mark) {
    var style = STYLES[mark.theme][mark.c], r = radius(mark);
    var size = 2 * r + 14, middle = size / 2, off = r * 0.78;
    var icon = svg('svg', { viewBox: [0, 0, size, size].join(' '), width: size, height: size, 'aria-hidden': 'true' });
    svg('circle', { cx: middle, cy: middle, r: r + 4.5, 'class': mark.selected ? 'hs-ring' : 'hs-noring' }, icon);
    svg('circle', { cx: middle, cy: middle, r: r, 'class': 'hs-plate' }, icon);
    svg('circle', {
      cx: middle, cy: middle, r: r, fill: fill(style[0], mark.theme), stroke: style[1],
      'stroke-width': Math.min(style[2], 3), 'stroke-dasharray': style[3]
    }, icon);
    if (mark.n !== '') {
      svg('text', {
        x: middle, y: middle + 4, 'text-anchor': 'middle',
        'class': 'hs-n' + (mark.c === 'born' ? ' hs-on-dark' : style[0] === 'none' || style[0] === 'hatch' ? ' hs-on-paper' : '')
      }, icon).textContent = mark.n;
    }
    if (SIGNS[mark.c]) {
      var sign = svg('g', { transform: 'translate(' + (middle + off) + ' ' + (middle - off) + ')', 'class': 'hs-sign' }, icon);
      svg('circle', { r: 6.5, stroke: style[1] }, sign);
      svg('path', { d: SIGNS[mark.c], stroke: style[1], fill: mark.c === 'grew' || mark.c === 'shrank' ? style[1] : 'none' }, sign);
    }
    if (mark.flag) {
      var one = svg('g', { transform: 'translate(' + (middle - off) + ' ' + (middle - off) + ')', 'class': 'hs-flag' }, icon);
      svg('circle', { r: 5.5 }, one);
      svg('text', { y: 3.4, 'text-anchor': 'middle' }, one).textContent = '!';
    }
    return { icon: icon, r: r };
  }

  function shift(spot, dx, dy) {   // a badge dx, dy pixels beside its place, joined to it by a line
    var key = Math.round(dx) + ',' + Math.round(dy);
    if (spot.shifted === key) return;
    spot.shifted = key;
    spot.plate.style.marginLeft = dx + 'px';
    spot.plate.style.marginTop = dy + 'px';
    spot.leader.replaceChildren();
    if (Math.sqrt(dx * dx + dy * dy) < spot.radius + 2) return;
    svg('line', { x1: 0, y1: 0, x2: -dx, y2: -dy }, spot.leader);
    svg('circle', { cx: -dx, cy: -dy, r: 3 }, spot.leader);
  }
  function spread(seen, room) {    // seen: [{spot, at: point, r}]; pushes circles apart until none hides another
    seen.forEach(function (s) { s.x = s.at.x; s.y = s.at.y; s.r = (s.r + 3) * room; });
    for (var lap = 0, moved = true, most = seen.length > 80 ? 8 : 24; moved && lap < most; lap += 1) {
      moved = false;
      for (var i = 0; i < seen.length; i += 1) {
        for (var j = i + 1; j < seen.length; j += 1) {
          var a = seen[i], b = seen[j], dx = b.x - a.x, dy = b.y - a.y, least = a.r + b.r;
          if (dx > least || dx < -least || dy > least || dy < -least) continue;
          var far = Math.sqrt(dx * dx + dy * dy);
          if (far >= least) continue;
          if (far < 0.5) { dx = i % 2 ? 1 : -1; dy = 1; far = 1.4; }
          var push = (least - far) / far / 2;
          a.x -= dx * push; a.y -= dy * push; b.x += dx * push; b.y += dy * push;
          moved = true;
        }
      }
    }
    seen.forEach(function (s) {
      var dx = s.x - s.at.x, dy = s.y - s.at.y, far = Math.sqrt(dx * dx + dy * dy);
      if (far < 2) { dx = dy = 0; }
      if (far > 70) { dx *= 70 / far; dy *= 70 / far; }
      shift(s.spot, dx, dy);
    });
  }

  var MANY = 150;                // badges in view from which those that would lie on others are dots
  function thin(seen) {            // of badges that would lie on others: the chosen one stands, then what changed, then the larger
    function weight(s) { return (s.spot.mark.selected ? 1e6 : 0) + (PLAIN[s.spot.mark.c] ? 0 : 1e3) + +(s.spot.mark.n || 0); }
    var kept = [];
    seen.forEach(function (s) { s.weight = weight(s); });
    seen.sort(function (a, b) { return b.weight - a.weight; }).forEach(function (s) {
      var hit = kept.some(function (o) {
        var dx = o.at.x - s.at.x, dy = o.at.y - s.at.y, least = o.r + s.r;
        return dx * dx + dy * dy < least * least;
      });
      if (!hit) kept.push(s);
    });
    return kept;
  }

  function crowd(seen) {           // of names that would run into each other, that of the larger circle stands
    var written = [];
    seen.slice().sort(function (a, b) { return b.r - a.r; }).forEach(function (s) {
      var half = s.spot.feature.name.length * 3.6, top = s.y + s.spot.radius;
      var box = [s.x - half, top, s.x + half, top + 26];
      var hit = written.some(function (o) { return box[0] < o[2] && o[0] < box[2] && box[1] < o[3] && o[1] < box[3]; });
      s.spot.plate.classList.toggle('hs-crowded', hit);
      if (!hit) written.push(box);
    });
  }

  var LETTERS = {};              // rounds.py: what each says
  '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_'.split('').forEach(function (letter, k) { LETTERS[letter] = k; });
  function reader(text) {        // its next number, and whether it has one
    var at = 0;
    return {
      more: function () { return at < text.length; },
      number: function () {
        var bits = 0, shift = 0, code;
        do { code = LETTERS[text[at++]]; bits |= (code & 31) << shift; shift += 5; } while (code >= 32);
        return bits;
      },
      step: function () { var bits = this.number(); return bits & 1 ? ~(bits >> 1) : bits >> 1; }
    };
  }
  function places(read, count) { // [[lon, lat] ...]
    var lat = 0, lon = 0, found = [];
    for (; count && read.more(); count -= 1) { lat += read.step(); lon += read.step(); found.push([lon / 1e5, lat / 1e5]); }
    return found;
  }
  function unpack(feature, radius) {       // its outlines as lists of rings: corners, or the discs that one goes round
    if (typeof feature.rings !== 'string') return;
    var discs = places(reader(feature.discs), Infinity), read = reader(feature.rings), at = 0, found = [];
    while (read.more()) {
      var outline = [], told, left, round;
      do {
        told = read.number();
        left = told >> 1;
        round = { radius: radius, discs: [] };
        outline.push(left ? round : places(read, read.number()));
        for (; left; left -= 1) round.discs.push(discs[at += read.step()]);
      } while (told & 1);
      found.push(outline);
    }
    feature.rings = found;
  }
  var TURN = 2 * Math.PI, FINE = Math.PI / 12;       // a circle is drawn with 24 corners
  var SLIGHT = 0.1;              // an arc of no more may be turned about by rounding, and is none
  function around(part) {        // [[lon, lat] ...]: from each circle to the next where it enters that disc
    var discs = part.discs, count = discs.length, r = part.radius, o = discs[0], lat = o[1] * Math.PI / 180, found = [];
    var north = 111132.95 - 559.82 * Math.cos(2 * lat), east = 111412.84 * Math.cos(lat) - 93.5 * Math.cos(3 * lat);   // metres of a degree
    discs.forEach(function (disc, i) {
      var next = discs[(i + 1) % count], before = discs[(i + count - 1) % count], from = 0, stay = TURN;
      function toward(other) {   // the direction of another centre, and half of what its disc covers
        var dx = (other[0] - disc[0]) * east, dy = (other[1] - disc[1]) * north;
        return [Math.atan2(dy, dx), Math.acos(Math.min(Math.sqrt(dx * dx + dy * dy) / (2 * r), 1))];
      }
      if (count > 1) {
        var a = toward(before), b = toward(next);
        from = a[0] + a[1];
        stay = next === before ? TURN - 2 * b[1] : (((b[0] - b[1] - from) % TURN) + TURN) % TURN;     // all of it where two only touch
        if (stay > TURN - SLIGHT && next !== before) stay = 0;
      }
      for (var k = 0, pieces = Math.max(Math.ceil(stay / FINE), 1); k < pieces; k += 1) {
        var angle = from + stay * k / pieces;
        found.push([disc[0] + r * Math.cos(angle) / east, disc[1] + r * Math.sin(angle) / north]);
      }
    });
    return found;
  }
  function corners(part) { return Array.isArray(part) ? part : around(part); }       // [[lon, lat] ...], written out or of discs
  function latlngs(ring) {       // parts -> what Leaflet takes
    return ring.map(function (part) { return [corners(part).map(function (p) { return [p[1], p[0]]; })]; });
  }
  function centre(ring) {        // centroid of the largest part, as [lat, lon]
    var best = null, most = 0, first = null;
    ring.forEach(function (part) {
      var p = corners(part);
      first = first || p[0];
      var a = 0, x = 0, y = 0, o = p[0];
      for (var i = 0, j = p.length - 1; i < p.length; j = i, i += 1) {
        var cross = (p[j][0] - o[0]) * (p[i][1] - o[1]) - (p[i][0] - o[0]) * (p[j][1] - o[1]);
        a += cross; x += (p[j][0] + p[i][0] - 2 * o[0]) * cross; y += (p[j][1] + p[i][1] - 2 * o[1]) * cross;
      }
      if (Math.abs(a) > most) { most = Math.abs(a); best = [o[1] + y / (3 * a), o[0] + x / (3 * a)]; }
    });
    return best || [first[1], first[0]];
  }

  window.ScopingMarks = { STYLES: STYLES, svg: svg, fill: fill, hatches: hatches, badge: badge, radius: radius, shift: shift, spread: spread, thin: thin, MANY: MANY, crowd: crowd, latlngs: latlngs, centre: centre, reader: reader, unpack: unpack };
})();
