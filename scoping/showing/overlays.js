/* Further layers that Python sends beside the hotspots: places of other roles, left-out places, grid cells, flows, alerts,
 * what could not be placed. Each overlay is {name, style, note, items}; an item has a shape (rings, with discs where `rings` is a text; at + m; or line), a
 * label, and `w`: {window: index of its ring or line}; an item without `w` belongs to all windows.
 */
(function () {
  'use strict';

  var LOOK = {                  // style -> Leaflet's, colours from the page's own variables; the pattern is the second cue
    last_seen: { ink: 'blue', weight: 2, dashArray: '10 4', fill: false }, pickup: { ink: 'orange', weight: 2.5, dashArray: '2 4', fill: false },
    found: { ink: 'soft', weight: 2, dashArray: '6 3 1 3', fill: false }, cell: { ink: 'soft', weight: 1, fillOpacity: 0.08 },
    left_out: { ink: 'soft', weight: 1.2, dashArray: '3 3', fillOpacity: 0.14 }, unplaced: { ink: 'orange', weight: 1.5, dashArray: '8 6', fillOpacity: 0.07 },
    flow: { ink: 'blue', weight: 2, opacity: 0.85 }, alert: { ink: 'orange', weight: 3.5, fillOpacity: 0.06 }, watch: { ink: 'orange', weight: 2.5, dashArray: '9 4', fillOpacity: 0.04 },
    none: { ink: 'soft', weight: 1.5, dashArray: '2 3', fill: false }
  };
  var INK = { light: { soft: '#4d545e', blue: '#0b5394', orange: '#a34700' }, dark: { soft: '#c3c9d1', blue: '#7fb3ff', orange: '#ffb86b' } };

  function attach(core) {
    var map = core.map, el = core.panels.el, M = window.ScopingMarks;
    map.createPane('overlays').style.zIndex = 400;
    map.createPane('overlayMarks').style.zIndex = 600;
    var group = L.featureGroup().addTo(map), renderer = L.svg({ pane: 'overlays' });

    function look(style) {
      var chosen = LOOK[style] || LOOK.cell, ink = INK[core.theme()][chosen.ink];
      return Object.assign({ renderer: renderer, pane: 'overlays', color: ink, fillColor: ink, bubblingMouseEvents: true, className: 'hs-over' }, chosen);
    }
    function shape(item, r, style) {
      var how = look(style);
      if (item.rings) return L.polygon(M.latlngs(item.rings[r]), how);
      if (item.line) {
        group.addLayer(L.circleMarker([item.end[1], item.end[0]], Object.assign(look(style), { radius: 9, weight: 3, fill: false })));
        return L.polyline(item.line.map(function (p) { return [p[1], p[0]]; }), Object.assign(how, { fill: false, weight: item.weight || how.weight }));
      }
      return L.circle([item.at[1], item.at[0]], Object.assign(how, { radius: item.m }));
    }
    function mark(item, style) {
      if (!item.text) return;
      var at = item.mark || item.at, box = el('div', 'hs-overmark hs-over-' + style);
      el('span', '', box, item.text);
      group.addLayer(L.marker([at[1], at[0]], { pane: 'overlayMarks', keyboard: false, interactive: false, icon: L.divIcon({ html: box, className: 'hs-marker', iconSize: [0, 0] }) }));
    }
    function draw() {
      var k = core.k(), overlays = core.data().overlays || [];
      group.clearLayers();
      overlays.forEach(function (overlay) {
        overlay.items.forEach(function (item) {
          if (item.w && item.w[k] === undefined) return;
          M.unpack(item, overlay.radius);
          var drawn = shape(item, item.w ? item.w[k] : 0, overlay.style), tip = el('div', 'hs-tip');
          el('strong', '', tip, overlay.name);
          el('div', '', tip, item.label);
          drawn.bindTooltip(tip, { sticky: true, opacity: 1, className: 'hs-tooltip' });
          group.addLayer(drawn);
          mark(item, overlay.style);
        });
      });
    }
    function legend() {
      var list = core.panels.rows.extra;
      list.replaceChildren();
      var was = core.panels.layers.textContent;
      core.panels.layers.textContent = (core.data().overlays || []).map(function (overlay) { return overlay.name; }).join(' · ');
      (core.data().overlays || []).forEach(function (overlay) {
        var row = el('li', '', list), how = look(overlay.style), swatch = el('span', 'hs-swatch', row);
        var box = M.svg('svg', { viewBox: '0 0 24 24', 'aria-hidden': 'true' }, swatch);
        M.svg(overlay.style === 'flow' ? 'path' : 'rect', {
          x: 3, y: 5, width: 18, height: 14, rx: 4, d: 'M3 19L21 5', stroke: how.color, 'stroke-width': how.weight,
          'stroke-dasharray': how.dashArray || 'none', fill: how.fill === false || overlay.style === 'flow' ? 'none' : how.color, 'fill-opacity': 0.15 }, box);
        el('span', 'hs-word', row, overlay.name);
        row.title = overlay.note;
      });
      if (core.panels.layers.textContent !== was) core.room();
    }
    core.on('data', legend);
    core.on('show', draw);
  }

  window.ScopingOverlays = { attach: attach };
})();
