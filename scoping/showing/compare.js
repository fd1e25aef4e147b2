/* Two windows beside each other: before, change, swipe, two linked maps.
 *
 *   now      the window alone, its classes against the windows before it
 *   before   the window it is compared with, in grey: it carries no class
 *   change   the window with what merely continues faded, and the outlines of the other window dashed
 *   swipe    left of the bar the other window, right of it this one
 *   two      a second map with the same ground and view
 * The other window keeps its distance in time when the slider moves. At first it is the last one that shares no day.
 */
(function () {
  'use strict';

  var MODES = { now: 'This window', before: 'Before', change: 'Change', swipe: 'Swipe', two: 'Two maps' };
  var GREY = { light: ['#b8bcc2', '#4d545e'], dark: ['#7c838d', '#c3c9d1'] };

  function attach(core) {
    var map = core.map, P = core.panels, M = window.ScopingMarks, el = P.el, root = map.getContainer();
    var mode = 'now', apart = null, second = null, cut = 50, past = {}, linked = false, ground = null;
    [['past', 405], ['pastMarks', 605]].forEach(function (pane) { map.createPane(pane[0]).style.zIndex = pane[1]; });

    // ------------------------------------------------------------------ its controls, in the window's card
    var bar = el('div', 'hs-modes', P.card), buttons = {};
    bar.setAttribute('role', 'group');
    bar.setAttribute('aria-label', 'Compare windows');
    Object.keys(MODES).forEach(function (name) {
      var node = el('button', 'hs-mode', bar, MODES[name]);
      node.type = 'button';
      node.addEventListener('click', function () { choose(name); });
      buttons[name] = node;
    });
    var against = el('label', 'hs-against', P.card), chooser = null;
    el('span', '', against, 'against');
    chooser = el('select', '', against);
    chooser.setAttribute('aria-label', 'Window to compare with');
    chooser.addEventListener('change', function () { apart = core.k() - chooser.value; draw(); });
    var swipe = P.quiet(el('div', 'hs-swipe', root)), handle = el('input', '', swipe), rule = el('div', 'hs-rule', root);
    handle.type = 'range'; handle.min = 4; handle.max = 96; handle.value = cut;
    handle.setAttribute('aria-label', 'Where the two windows meet');
    handle.addEventListener('input', function () { cut = +handle.value; clip(); beside(); });
    var sides = [el('div', 'hs-side hs-left', root), el('div', 'hs-side hs-right', root)];

    function other() {               // the window compared with, or -1
      var j = core.k() - distance();
      return j >= 0 ? j : -1;
    }
    function distance() {
      if (apart !== null) return apart;
      var spans = core.data().spans, k = core.k();
      for (var j = k - 1; j >= 0; j -= 1) if (spans[j][1] <= spans[k][0]) return k - j;
      return 1;
    }
    function choose(name) {
      if (name === mode) return;
      var was = mode;
      mode = name;
      root.classList.remove('hs-mode-' + was);
      root.classList.add('hs-mode-' + name);
      if (was === 'two') part();
      if (name === 'two') join();
      draw();
      core.room();
    }

    // ------------------------------------------------------------------ the other window's shapes
    function clear() {
      Object.keys(past).forEach(function (id) { past[id].forEach(function (layer) { layer.remove(); }); });
      past = {};
    }
    function shapes(target, panes, j) {
      var seen = [];
      core.data().feats.forEach(function (f) {
        var w = f.w[j], style = GREY[core.theme()];
        if (!w || core.quietClass(w.c)) return;
        var look = { pane: panes[0], color: style[1], weight: mode === 'change' ? 2 : 1.5, dashArray: mode === 'change' ? '3 4' : null,
                     fill: mode !== 'change', fillColor: style[0], fillOpacity: 0.5, className: 'hs-past', bubblingMouseEvents: false };
        var shape = L.polygon(M.latlngs(f.rings[w.r]), look), layers = [shape];
        if (mode !== 'change') {
          var plate = el('div', 'hs-badge'), spot = { plate: plate, leader: M.svg('svg', { 'class': 'hs-leader', 'aria-hidden': 'true' }, plate) };
          spot.mark = { c: 'stable', n: String(w.n), theme: core.theme() };
          spot.radius = M.badge(el('div', 'hs-icon', plate), spot.mark);
          seen.push({ spot: spot, at: target.latLngToLayerPoint(M.centre(f.rings[w.r])), r: spot.radius });
          layers.push(L.marker(M.centre(f.rings[w.r]), { pane: panes[1], keyboard: false, bubblingMouseEvents: false,
            icon: L.divIcon({ html: plate, className: 'hs-marker', iconSize: [0, 0] }) }));
        }
        var tip = el('div', 'hs-tip');
        el('strong', '', tip, f.name);
        el('div', '', tip, core.data().labels[j] + ': ' + core.plural(w.n, core.unit()[0], core.unit()[1]));
        layers.forEach(function (layer) {
          layer.bindTooltip(tip, { sticky: true, opacity: 1, className: 'hs-tooltip' });
          layer.on('click', function () { core.select(f.id, true); });
          layer.addTo(target);
        });
        past[f.id] = layers;
      });
      var stands = seen.length > M.MANY ? M.thin(seen) : seen;
      seen.forEach(function (s) { s.spot.plate.style.display = stands.indexOf(s) < 0 ? 'none' : ''; });
      M.spread(stands, 1);
    }
    function draw() {
      var j = other(), labels = core.data().labels;
      clear();
      Object.keys(buttons).forEach(function (name) {
        buttons[name].setAttribute('aria-pressed', name === mode);
        buttons[name].disabled = name !== 'now' && labels.length < 2;
      });
      against.style.display = mode === 'now' ? 'none' : '';
      swipe.style.display = rule.style.display = mode === 'swipe' ? '' : 'none';
      sides.forEach(function (side) { side.style.display = mode === 'swipe' || mode === 'two' ? '' : 'none'; });
      options(j);
      if (mode !== 'now' && j >= 0) shapes(mode === 'two' ? second : map, mode === 'two' ? ['overlayPane', 'markerPane'] : ['past', 'pastMarks'], j);
      sides[0].textContent = j >= 0 ? labels[j] : 'no window so far back';
      sides[1].textContent = labels[core.k()] || '';
      beside();
      clip();
    }
    function options(j) {
      var labels = core.data().labels;
      chooser.replaceChildren();
      if (j < 0) el('option', '', chooser, 'no window so far back').value = -1;
      for (var i = core.k() - 1; i >= 0; i -= 1) el('option', '', chooser, labels[i]).value = i;
      chooser.value = j;
    }

    // ------------------------------------------------------------------ swipe
    function clip() {
      var panes = { past: map.getPane('past'), pastMarks: map.getPane('pastMarks'), now: map.getPane('now'), nowMarks: map.getPane('nowMarks') };
      if (mode !== 'swipe') {
        Object.keys(panes).forEach(function (name) { panes[name].style.clip = ''; });
        return;
      }
      var size = map.getSize(), x = size.x * cut / 100;
      var nw = map.containerPointToLayerPoint([0, 0]), se = map.containerPointToLayerPoint(size), c = nw.x + x;
      ['past', 'pastMarks'].forEach(function (name) { panes[name].style.clip = 'rect(' + [nw.y, c, se.y, nw.x].join('px,') + 'px)'; });
      ['now', 'nowMarks'].forEach(function (name) { panes[name].style.clip = 'rect(' + [nw.y, se.x, se.y, c].join('px,') + 'px)'; });
      rule.style.left = x + 'px';
    }
    function beside() {              // each label on its side of the seam
      var width = map.getSize().x, x = width * (mode === 'two' ? 50 : cut) / 100;
      sides[0].style.right = width - x + 26 + 'px';
      sides[1].style.left = x + 26 + 'px';
    }
    map.on('move zoomend resize viewreset', clip);
    map.on('zoomend', function () { if (mode !== 'now') draw(); });

    // ------------------------------------------------------------------ two maps: the second covers the left half of the first
    function offset() { return L.point(map.getSize().x / 4, 0); }
    function moved(from, by) {       // the centre that lies `by` pixels from a map's own
      var z = from.getZoom();
      return from.unproject(from.project(from.getCenter(), z).add(by), z);
    }
    function follow() {
      if (!second || linked) return;
      linked = true;
      second.setView(moved(map, offset()), map.getZoom(), { animate: false });
      linked = false;
    }
    function lead() {
      if (!second || linked) return;
      linked = true;
      map.setView(moved(second, offset().multiplyBy(-1)), second.getZoom(), { animate: false });
      linked = false;
    }
    map.on('resize', function () {
      if (!second) return;
      second.invalidateSize({ pan: false, animate: false });
      follow();
    });
    function join() {
      var box = L.DomEvent.disableClickPropagation(el('div', 'hs-second', root)) && root.lastChild;
      L.DomEvent.disableScrollPropagation(box);
      box.setAttribute('aria-label', 'Map of the window before');
      var centre = map.getCenter();
      second = L.map(box, { zoomControl: false, attributionControl: true, zoomSnap: 0.5, minZoom: 6, maxZoom: 18, keyboard: false, fadeAnimation: false, zoomAnimation: false });
      ground = window.ScopingBasemap ? window.ScopingBasemap.attach(second, core.ground.options) : null;
      second.attributionControl.remove();
      linked = true;
      second.setView(centre, map.getZoom(), { animate: false });
      linked = false;
      if (ground) ground.theme(core.theme());
      lead();                          // what was in the middle of one map is in the middle of each
      map.on('move', follow);
      second.on('move', lead);
    }
    function part() {
      clear();
      map.off('move', follow);
      var centre = second.getCenter();
      second.remove();
      root.querySelector('.hs-second').remove();
      second = ground = null;
      map.setView(centre, map.getZoom(), { animate: false });
    }

    core.on('show', draw);
    core.on('data', function () { if (ground) ground.theme(core.theme()); });
    core.compare = { choose: choose, mode: function () { return mode; }, other: other, second: function () { return second; },
                     against: function (j) { apart = core.k() - j; draw(); } };
    root.classList.add('hs-mode-now');
  }

  window.ScopingCompare = { attach: attach };
})();
