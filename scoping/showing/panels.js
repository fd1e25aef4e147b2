/* What stands on the map and is not ground or hotspot: the window's card, the dock with slider and play, scale, north
 * arrow and legend. ScopingPanels.build(map, options) makes them once and gives their handles; it knows no data.
 */
(function () {
  'use strict';

  var svg = window.ScopingMarks.svg;

  function el(tag, className, parent, text) {
    var node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }
  function quiet(node) {            // what happens in it is not the map's business
    L.DomEvent.disableClickPropagation(node);
    L.DomEvent.disableScrollPropagation(node);
    L.DomEvent.on(node, 'keydown', L.DomEvent.stopPropagation);
    return node;
  }
  function named(node, label) { node.setAttribute('aria-label', label); node.title = label; }
  function icon(path, parent, box) {
    var image = svg('svg', { viewBox: box || '0 0 16 16', 'aria-hidden': 'true' }, parent);
    svg('path', { d: path }, image);
    return image;
  }
  function button(parent, className, label, path) {
    var node = el('button', 'hs-button ' + className, parent);
    node.type = 'button';
    icon(path, node);
    named(node, label);
    return node;
  }
  function control(map, position, make) {
    var made = L.control({ position: position });
    made.onAdd = make;
    return made.addTo(map);
  }

  function dock(root) {
    var box = quiet(el('div', 'hs-dock', root)), made = { box: box };
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', 'Time windows');
    made.play = button(box, 'hs-play', 'Play', 'M4 2L14 8L4 14Z');
    made.back = button(box, 'hs-step', 'Window before', 'M11 3L5 8L11 13');
    made.track = el('div', 'hs-track', box);
    made.bars = svg('svg', { 'class': 'hs-bars', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, made.track);
    made.slider = el('input', 'hs-slider', made.track);
    made.slider.type = 'range'; made.slider.min = 0; made.slider.max = 0; made.slider.step = 1;
    made.slider.setAttribute('aria-label', 'Window');
    var ends = el('div', 'hs-ends', made.track);
    made.first = el('span', '', ends);
    made.last = el('span', '', ends);
    made.next = button(box, 'hs-step', 'Window after', 'M5 3L11 8L5 13');
    made.face = function (playing) {
      named(made.play, playing ? 'Pause' : 'Play');
      made.play.querySelector('path').setAttribute('d', playing ? 'M4 2H7V14H4ZM9 2H12V14H9Z' : 'M4 2L14 8L4 14Z');
    };
    return made;
  }

  function legend(map, options) {
    var rows = {};
    control(map, 'bottomright', function () {
      var box = quiet(el('details', 'hs-legend'));
      box.open = map.getContainer().clientWidth >= 900 && map.getContainer().clientHeight >= 600;  // never over the tools
      el('summary', '', box, 'Legend');
      var list = el('ul', '', box);
      Object.keys(options.classes).forEach(function (c) {
        var row = el('li', '', list);
        row.title = options.classes[c][1];
        rows[c] = { row: row, swatch: el('span', 'hs-swatch', row) };
        el('span', 'hs-word', row, options.classes[c][0]);
        rows[c].count = el('span', 'hs-count', row);
      });
      var ghost = el('li', 'hs-ghostrow', list);
      svg('rect', { x: 3, y: 5, width: 16, height: 12, rx: 3 }, svg('svg', { viewBox: '0 0 22 22', 'class': 'hs-ghostswatch' }, el('span', 'hs-swatch', ghost)));
      el('span', 'hs-word', ghost, 'Outline one window before');
      rows.extra = el('ul', 'hs-extra', box);
      var more = el('button', 'hs-more', box, 'Show all classes');
      more.type = 'button';
      more.addEventListener('click', function () {
        more.textContent = box.classList.toggle('hs-all') ? 'Show this window only' : 'Show all classes';
      });
      rows.note = el('p', 'hs-note', box);
      rows.dots = el('p', 'hs-note', box);
      rows.dots.textContent = 'A dot is a hotspot whose number has no room: come closer to read it.';
      rows.box = box;
      return box;
    });
    return rows;
  }

  function build(map, options) {
    var root = map.getContainer(), made = { el: el, quiet: quiet, named: named, icon: icon, button: button, control: control };
    var card = quiet(el('div', 'hs-card', root));
    made.card = card;
    made.when = el('div', 'hs-when', card);
    made.summary = el('div', 'hs-summary', card);
    made.summary.setAttribute('aria-live', 'polite');
    made.layers = el('div', 'hs-summary hs-layers', card);
    made.stamp = el('div', 'hs-stamp', root);
    made.dock = dock(root);
    L.control.zoom({ position: 'topright' }).addTo(map);
    control(map, 'topright', function () {
      var box = quiet(el('div', 'leaflet-bar hs-home')), node = el('a', '', box);
      node.href = '#'; node.setAttribute('role', 'button'); named(node, 'Show all hotspots');
      icon('M2 6V2H6M10 2H14V6M14 10V14H10M6 14H2V10', node);
      made.home = node;
      return box;
    });
    L.control.scale({ imperial: false, maxWidth: 110, position: 'bottomleft' }).addTo(map);
    control(map, 'bottomleft', function () {
      var box = el('div', 'hs-north');
      var arrow = svg('svg', { viewBox: '0 0 16 22', role: 'img', 'aria-label': 'North is up' }, box);
      svg('path', { d: 'M8 1L13 12L8 9.4L3 12Z' }, arrow);
      svg('text', { x: 8, y: 21, 'text-anchor': 'middle' }, arrow).textContent = 'N';
      return box;
    });
    made.rows = legend(map, options);
    return made;
  }

  window.ScopingPanels = { build: build };
})();
