/* A map of named areas: circles of alerts, squares of a grid. Classes carry colour and outline; the legend says them in words.
 *
 * ScopingAreas.attach(map) once; ScopingAreas.update(data) with every push:
 *   {theme, rev, label, stamp, classes: {code: [label, fill, line, dash]}, areas: [{ring: [[lon, lat], ...], c, name, says, n}]}
 * `n` is a number to write in the middle, or ''. Names become text, never markup. The view moves only when `rev` is another.
 */
(function () {
  'use strict';

  var map = null, layer = null, legend = null, stamp = null, seen = null, last = null;

  function el(tag, cls, parent, text) {
    var node = document.createElement(tag);
    if (cls) node.className = cls;
    if (text !== undefined) node.textContent = text;
    if (parent) parent.appendChild(node);
    return node;
  }
  function says(area, label) {
    var node = el('div', 'hs-tip');
    el('strong', '', node, area.name);
    el('div', 'hs-tipclass', node, label);
    if (area.says) el('div', '', node, area.says);
    return node;
  }
  function draw(area, style) {
    var shape = L.polygon(area.ring.map(function (p) { return [p[1], p[0]]; }), {
      color: style[2], weight: 2, dashArray: style[3] || null, fillColor: style[1], fillOpacity: 0.45, className: 'ar-shape'
    });
    shape.bindTooltip(says(area, style[0]), { sticky: true, className: 'hs-tooltip', opacity: 1 });
    shape.on('add', function () {
      var path = shape.getElement();
      path.setAttribute('role', 'img');
      path.setAttribute('tabindex', 0);
      path.setAttribute('aria-label', area.name + ': ' + style[0] + (area.says ? '. ' + area.says : ''));
    });
    layer.addLayer(shape);
    if (area.n !== '') {
      layer.addLayer(L.marker(shape.getBounds().getCenter(), {
        icon: L.divIcon({ className: 'ar-n', html: el('span', '', null, String(area.n)), iconSize: [26, 26] }), interactive: false, keyboard: false
      }));
    }
  }
  function key(data) {
    legend.replaceChildren();
    Object.keys(data.classes).forEach(function (c) {
      var count = data.areas.filter(function (a) { return a.c === c; }).length, row, mark;
      if (!count) return;
      row = el('div', 'ar-row', legend);
      mark = el('i', '', row);
      mark.style.background = data.classes[c][1];
      mark.style.border = '2px ' + (data.classes[c][3] ? 'dashed ' : 'solid ') + data.classes[c][2];
      el('span', '', row, data.classes[c][0]);
      el('b', '', row, String(count));
    });
    legend.style.display = legend.children.length ? '' : 'none';
  }

  window.ScopingAreas = {
    attach: function (m) {
      var root = m.getContainer();
      map = m;
      window.ScopingBasemap.follow(function (name) { if (last) window.ScopingAreas.update(Object.assign({}, last, { theme: name })); });
      layer = L.featureGroup().addTo(map);
      root.classList.add('hs-map', 'ar-map');
      map.setMinZoom(6).setMaxZoom(16);
      L.control.zoom({ position: 'topright' }).addTo(map);
      L.control.scale({ imperial: false, position: 'topright' }).addTo(map);
      legend = el('div', 'ar-legend', root);
      stamp = el('div', 'ar-stamp', root);
    },
    update: function (data) {
      if (!map) return;
      last = data;
      window.ScopingBasemap.of(map).theme(data.theme);
      map.getContainer().classList.toggle('hs-dark', data.theme === 'dark');
      map.getContainer().setAttribute('aria-label', data.label);
      stamp.textContent = data.stamp || '';
      stamp.style.display = data.stamp ? '' : 'none';
      layer.clearLayers();
      data.areas.forEach(function (area) { draw(area, data.classes[area.c]); });
      key(data);
      if (seen !== data.rev) {
        seen = data.rev;
        if (data.areas.length) map.fitBounds(layer.getBounds().pad(0.25), { maxZoom: 13, animate: false });
      }
    }
  };
})();
