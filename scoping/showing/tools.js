/* Tools of the map: find a place, measure, and ask "what is in here?" of a rectangle, a lasso or the view.
 *
 * What is asked goes to Python with core.send: {find: text} or core.ask({area: [[lon, lat], ...]}), which then goes along
 * with every message until it is cleared. Python answers in the payload: goto {lat, lon, m, label, n} or {fault, n}.
 */
(function () {
  'use strict';

  var ICONS = {
    find: 'M6.8 2a4.8 4.8 0 1 0 0 9.6a4.8 4.8 0 0 0 0-9.6M10.4 10.4L14.2 14.2', measure: 'M2 11L11 2L14 5L5 14ZM5 8L6.6 9.6M8 5L9.6 6.6',
    rectangle: 'M2.5 3.5H13.5V12.5H2.5Z', lasso: 'M8 2.5C12 2.5 14 4.5 14 6.6S11.5 10.6 8 10.6 2 9 2 6.6 4.5 2.5 8 2.5M5 10.2C4.4 11.6 5.4 12.6 5.2 14',
    view: 'M2 5V2H5M11 2H14V5M14 11V14H11M5 14H2V11M6 8H10M8 6V10'
  };
  var SAYS = { find: 'Find a place or postcode', measure: 'Measure a distance', rectangle: 'What is in a rectangle?',
               lasso: 'What is inside a line that I draw?', view: 'What is in this view?' };

  function attach(core) {
    var map = core.map, P = core.panels, el = P.el, root = map.getContainer();
    var tool = null, points = [], down = false, buttons = {}, drawn = L.featureGroup(), area = null, pin = null, answered = null;
    map.createPane('tools').style.zIndex = 640;
    drawn.addTo(map);

    P.control(map, 'topright', function () {
      var box = P.quiet(el('div', 'leaflet-bar hs-tools'));
      box.setAttribute('role', 'toolbar');
      box.setAttribute('aria-label', 'Tools of the map');
      Object.keys(ICONS).forEach(function (name) {
        buttons[name] = P.button(box, 'hs-tool', SAYS[name], ICONS[name]);
        buttons[name].addEventListener('click', function () { take(tool === name ? null : name); });
      });
      return box;
    });
    var panel = P.quiet(el('div', 'hs-toolbox', root)), form = el('form', '', panel), input = el('input', '', form);
    input.type = 'search'; input.placeholder = 'Place, postcode or grid reference'; input.maxLength = 120; input.autocomplete = 'off';
    input.setAttribute('aria-label', SAYS.find);
    P.button(form, '', 'Find', ICONS.find).type = 'submit';
    var says = el('div', 'hs-toolsays', panel), clearer = el('button', 'hs-more', panel, 'Clear');
    says.setAttribute('role', 'status');
    clearer.type = 'button';
    clearer.addEventListener('click', function () { forget(); take(null); });
    form.addEventListener('submit', function (e) {
      e.preventDefault();
      if (!input.value.trim()) return;
      says.textContent = 'Looking …';
      core.send({ find: input.value.trim() });
    });
    var place = el('div', 'hs-coordinates', root);

    function take(name) {
      tool = name;
      points = [];
      core.busy = name === 'measure' || name === 'rectangle' || name === 'lasso';
      root.classList.toggle('hs-drawing', core.busy);
      map.dragging[name === 'rectangle' || name === 'lasso' ? 'disable' : 'enable']();
      map.doubleClickZoom[core.busy ? 'disable' : 'enable']();
      if (name) { drawn.clearLayers(); }
      if (!name && area) outline(area);
      tell();
      if (name === 'find') input.focus();
      if (name === 'view') { seize(bounds(map.getBounds())); }
    }
    function tell() {
      Object.keys(buttons).forEach(function (name) { buttons[name].setAttribute('aria-pressed', name === tool); });
      panel.style.display = tool || area ? '' : 'none';
      form.style.display = tool === 'find' ? '' : 'none';
      clearer.style.display = area || tool === 'measure' || pin ? '' : 'none';
      if (tool === 'measure') says.textContent = points.length < 2 ? 'Click two or more places.' : metres(points);
      else if (tool === 'rectangle') says.textContent = 'Drag a rectangle. Escape ends it.';
      else if (tool === 'lasso') says.textContent = 'Draw round the places. Escape ends it.';
      else if (area) says.textContent = 'The outline is answered beside the map.';
      else if (tool === 'find') says.textContent = '';
    }
    function metres(line) {
      var sum = 0;
      for (var i = 1; i < line.length; i += 1) sum += map.distance(line[i - 1], line[i]);
      return sum < 1000 ? Math.round(sum) + ' m' : (sum / 1000).toFixed(2) + ' km';
    }
    function bounds(b) { return [b.getSouthWest(), b.getNorthWest(), b.getNorthEast(), b.getSouthEast()]; }
    function outline(line) {
      drawn.clearLayers();
      L.polygon(line, { pane: 'tools', className: 'hs-area', interactive: false, weight: 2, dashArray: '6 4', fillOpacity: 0.06 }).addTo(drawn);
    }
    function seize(line) {           // the area is asked about
      area = line;
      take(null);
      core.ask({ area: line.map(function (p) { return [+p.lng.toFixed(5), +p.lat.toFixed(5)]; }) });
      core.send();
      tell();
    }
    function forget() {
      var had = area;
      area = null; points = [];
      if (pin) { pin.remove(); pin = null; }
      drawn.clearLayers();
      core.ask({});
      if (had) core.send();
    }

    map.on('mousedown', function (e) { if (tool === 'rectangle' || tool === 'lasso') { down = true; points = [e.latlng]; } });
    map.on('mousemove', function (e) {
      var w = e.latlng.wrap();
      place.textContent = window.ScopingGrid.reference(w.lat, w.lng) + '  ' + w.lat.toFixed(4) + ', ' + w.lng.toFixed(4);
      if (!down) return;
      if (tool === 'rectangle') points = [points[0], e.latlng];
      else points.push(e.latlng);
      outline(tool === 'rectangle' ? bounds(L.latLngBounds(points)) : points);
    });
    map.on('mouseup', function () {
      if (!down) return;
      down = false;
      var line = tool === 'rectangle' ? bounds(L.latLngBounds(points)) : thin(points);
      if (points.length > 1 && line.length > 2) seize(line); else tell();
    });
    map.on('mouseout', function () { place.textContent = ''; });
    map.on('click', function (e) {
      if (tool !== 'measure') return;
      points.push(e.latlng);
      drawn.clearLayers();
      L.polyline(points, { pane: 'tools', className: 'hs-area', interactive: false, weight: 2.5 }).addTo(drawn);
      points.forEach(function (p) { L.circleMarker(p, { pane: 'tools', className: 'hs-area', radius: 4, interactive: false, fillOpacity: 1 }).addTo(drawn); });
      tell();
    });
    root.addEventListener('keydown', function (e) { if (e.key === 'Escape' && (tool || area)) { forget(); take(null); } });
    panel.addEventListener('keydown', function (e) { if (e.key === 'Escape') { forget(); take(null); root.focus(); } });
    function thin(line) {            // at most 120 corners: enough for any outline drawn by hand
      var every = Math.ceil(line.length / 120);
      return line.filter(function (_, i) { return i % every === 0; });
    }

    core.on('data', function () {    // Python's answer to a search, once
      var found = core.data().goto;
      if (!found || found.n === answered) return;
      answered = found.n;
      if (found.fault) { says.textContent = found.fault; return; }
      says.textContent = found.label;
      map.setView([found.lat, found.lon], found.m > 5000 ? 11.5 : found.m > 1500 ? 13 : found.m > 300 ? 14.5 : 16, { animate: false });
      if (pin) pin.remove();
      pin = L.circle([found.lat, found.lon], { pane: 'tools', className: 'hs-area hs-pin', radius: Math.max(found.m, 40), weight: 3, fill: false, interactive: false }).addTo(map);
      clearer.style.display = '';
    });
    tell();
  }

  window.ScopingTools = { attach: attach };
})();
