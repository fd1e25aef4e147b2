/* The changing hotspots on the map: all windows in the browser, moved by a slider.
 *
 * ScopingTimeline.attach(map, options) runs once, when the base map is built. It holds no data.
 * HS.update(payload) runs at every push: hotspots, labels and theme change; view, window and selection stay.
 * HS.show(k) moves to window k: only styles change, and outlines where a footprint moved.
 * Python hears of the final window and of the selection: {hotspot, window, start, event}.
 *
 * All text from data goes through textContent.
 */
(function () {
  'use strict';

  var M = window.ScopingMarks, svg = M.svg, latlngs = M.latlngs, centre = M.centre;
  var NAME_ZOOM = 12.5;           // from this zoom on, places carry their name
  var PLAY_MS = 900;

  function attach(map, options) {
    var data = { labels: [], spans: [], feats: [] };
    var spots = {}, k = 0, selected = null, asked = null, timer = null, theme = 'light', unit = ['child', 'children'], sent = 0, mounted = false;
    var words = options.classes;              // class -> [label, explanation]

    map.createPane('ghost').style.zIndex = 390;
    map.getPane('ghost').style.pointerEvents = 'none';
    var ghostRenderer = L.svg({ pane: 'ghost' });
    var shapes = L.featureGroup().addTo(map), ghosts = L.featureGroup().addTo(map), badges = L.featureGroup().addTo(map);
    var root = map.getContainer();
    root.classList.add('hs-map');
    map.setMinZoom(6).setMaxZoom(18);
    M.hatches(root);
    root.setAttribute('role', 'application');
    root.setAttribute('aria-label', 'Map of hotspots. The table beside it says the same.');

    // ------------------------------------------------------------------ small helpers
    function el(tag, className, parent, text) {
      var node = document.createElement(tag);
      if (className) node.className = className;
      if (text !== undefined) node.textContent = text;
      if (parent) parent.appendChild(node);
      return node;
    }
    function quiet(node) {
      L.DomEvent.disableClickPropagation(node);
      L.DomEvent.disableScrollPropagation(node);
      L.DomEvent.on(node, 'keydown', L.DomEvent.stopPropagation);
      return node;
    }
    function known(c) { return Object.prototype.hasOwnProperty.call(words, c) ? c : 'no_data'; }
    function month(day, before) {       // "2024-01-01" -> "Jan 2024"; of the day before, for an end that is not included
      var date = new Date(Date.parse(day + 'T12:00:00Z') - (before ? 86400000 : 0));
      return isNaN(date) ? day : date.toLocaleDateString('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });
    }
    function quietClass(c) { return options.quiet.indexOf(known(c)) >= 0; }
    function plural(n, one, many) { return n + ' ' + (n === 1 ? one : many); }
    function paint(c) { return M.STYLES[theme][c]; }

    // ------------------------------------------------------------------ controls
    var card = quiet(el('div', 'hs-card', root));
    var when = el('div', 'hs-when', card), summary = el('div', 'hs-summary', card);
    var stamp = el('div', 'hs-stamp', root);
    var dock = quiet(el('div', 'hs-dock', root));
    dock.setAttribute('role', 'group');
    dock.setAttribute('aria-label', 'Time windows');
    var play = button('hs-play', 'Play', 'M4 2L14 8L4 14Z'), back = button('hs-step', 'Window before', 'M11 3L5 8L11 13');
    var track = el('div', 'hs-track', dock);
    var bars = svg('svg', { 'class': 'hs-bars', preserveAspectRatio: 'none', 'aria-hidden': 'true' }, track);
    var slider = el('input', 'hs-slider', track);
    slider.type = 'range'; slider.min = 0; slider.max = 0; slider.step = 1;
    slider.setAttribute('aria-label', 'Window');
    var ends = el('div', 'hs-ends', track), first = el('span', '', ends), last = el('span', '', ends);
    var next = button('hs-step', 'Window after', 'M5 3L11 8L5 13');

    function button(className, label, path) {
      var node = el('button', 'hs-button ' + className, dock);
      node.type = 'button';
      var icon = svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, node);
      svg('path', { d: path }, icon);
      named(node, label);
      return node;
    }
    function named(node, label) { node.setAttribute('aria-label', label); node.title = label; }

    var home = L.control({ position: 'topright' });
    home.onAdd = function () {
      var box = quiet(el('div', 'leaflet-bar hs-home'));
      var node = el('a', '', box);
      node.href = '#'; node.setAttribute('role', 'button'); named(node, 'Show all hotspots');
      svg('path', { d: 'M2 6V2H6M10 2H14V6M14 10V14H10M6 14H2V10' }, svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, node));
      L.DomEvent.on(node, 'click', function (e) { L.DomEvent.preventDefault(e); fit(); });
      return box;
    };
    L.control.zoom({ position: 'topright' }).addTo(map);
    home.addTo(map);
    L.control.scale({ imperial: false, maxWidth: 110, position: 'bottomleft' }).addTo(map);
    var north = L.control({ position: 'bottomleft' });
    north.onAdd = function () {
      var box = el('div', 'hs-north');
      var icon = svg('svg', { viewBox: '0 0 16 22', role: 'img', 'aria-label': 'North is up' }, box);
      svg('path', { d: 'M8 1L13 12L8 9.4L3 12Z' }, icon);
      svg('text', { x: 8, y: 21, 'text-anchor': 'middle' }, icon).textContent = 'N';
      return box;
    };
    north.addTo(map);

    var legend = L.control({ position: 'bottomright' }), rows = {};
    legend.onAdd = function () {
      var box = quiet(el('details', 'hs-legend'));
      box.open = root.clientWidth >= 640;
      el('summary', '', box, 'What the shapes say');
      var list = el('ul', '', box);
      Object.keys(words).forEach(function (c) {
        var row = el('li', '', list);
        row.title = words[c][1];
        rows[c] = { row: row, swatch: el('span', 'hs-swatch', row), count: null };
        el('span', 'hs-word', row, words[c][0]);
        rows[c].count = el('span', 'hs-count', row);
      });
      var ghostRow = el('li', 'hs-ghostrow', list);
      svg('rect', { x: 3, y: 5, width: 16, height: 12, rx: 3 }, svg('svg', { viewBox: '0 0 22 22', 'class': 'hs-ghostswatch' }, el('span', 'hs-swatch', ghostRow)));
      el('span', 'hs-word', ghostRow, 'Outline one window before');
      var more = el('button', 'hs-more', box, 'Show all classes');
      more.type = 'button';
      more.addEventListener('click', function () {
        more.textContent = box.classList.toggle('hs-all') ? 'Show this window only' : 'Show all classes';
      });
      el('p', 'hs-note', box, options.note);
      return box;
    };
    legend.addTo(map);

    // ------------------------------------------------------------------ one hotspot
    function add(feature) {
      var spot = { feature: feature, ring: -1, ghost: -1, drawn: '' };
      spot.shape = L.polygon([], { className: 'hs-shape', bubblingMouseEvents: false });
      spot.outline = L.polygon([], { pane: 'ghost', renderer: ghostRenderer, interactive: false, className: 'hs-ghost', fill: false });
      spot.plate = el('div', 'hs-badge');
      spot.icon = el('div', 'hs-icon', spot.plate);
      spot.name = el('div', 'hs-name', spot.plate);
      spot.badge = L.marker([0, 0], {
        icon: L.divIcon({ html: spot.plate, className: 'hs-marker', iconSize: [0, 0] }), keyboard: false, bubblingMouseEvents: false
      });
      spot.tip = el('div', 'hs-tip');
      spot.shape.bindTooltip(spot.tip, { sticky: true, opacity: 1, className: 'hs-tooltip' });
      spot.badge.bindTooltip(spot.tip, { direction: 'auto', offset: [18, 0], opacity: 1, className: 'hs-tooltip' });
      function choose() { select(feature.id, true); }
      spot.shape.on('click', choose);
      spot.badge.on('click', choose);
      spot.shape.on('add', function () {
        var path = spot.shape.getElement();
        path.setAttribute('role', 'button');
        path.setAttribute('data-hotspot', feature.id);
        path.addEventListener('keydown', function (e) {
          if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); e.stopPropagation(); choose(); }
        });
        path.addEventListener('focus', function () { spot.plate.classList.add('hs-focus'); });
        path.addEventListener('blur', function () { spot.plate.classList.remove('hs-focus'); });
      });
      spots[feature.id] = spot;
      ghosts.addLayer(spot.outline); shapes.addLayer(spot.shape); badges.addLayer(spot.badge);
      return spot;
    }
    function remove(id) {
      ghosts.removeLayer(spots[id].outline); shapes.removeLayer(spots[id].shape); badges.removeLayer(spots[id].badge);
      delete spots[id];
    }

    function sentence(w) {
      if (!w.n && !w.e) return 'none in this window';
      return plural(w.n, unit[0], unit[1]) + ', ' + plural(w.e, 'episode', 'episodes');
    }
    function showSpot(spot) {
      var feature = spot.feature, w = feature.w[k], path = spot.shape.getElement(), on = !!w;
      path.style.display = on ? '' : 'none';
      path.setAttribute('tabindex', on ? 0 : -1);
      spot.plate.style.display = on ? '' : 'none';
      if (!on) { if (spot.ghost !== -1) { spot.outline.setLatLngs([]); spot.ghost = -1; } return; }

      var c = known(w.c), style = paint(c), isSelected = selected === feature.id;
      if (spot.ring !== w.r) {
        spot.ring = w.r;
        spot.shape.setLatLngs(latlngs(feature.rings[w.r]));
        spot.badge.setLatLng(centre(feature.rings[w.r]));
      }
      var before = feature.w[k - 1], trail = before && before.r !== w.r && !quietClass(c) ? before.r : -1;
      if (spot.ghost !== trail) {
        spot.ghost = trail;
        spot.outline.setLatLngs(trail < 0 ? [] : latlngs(feature.rings[trail]));
      }
      var key = [theme, c, w.n, w.s, w.e, isSelected].join();
      if (spot.drawn === key) return;
      spot.drawn = key;
      spot.shape.setStyle({
        fill: true, fillColor: M.fill(style[0], theme),
        fillOpacity: style[0] === 'none' ? 0.04 : c === 'dissolved' ? 0.8 : isSelected ? 0.72 : 0.55,
        color: style[1], weight: isSelected ? style[2] + 2 : style[2], dashArray: style[3] || null
      });
      path.classList.toggle('hs-selected', isSelected);
      M.badge(spot.icon, { c: c, n: w.n && !quietClass(c) ? String(w.n) : '', flag: w.s, selected: isSelected, theme: theme });
      spot.badge.setZIndexOffset(isSelected ? 1000 : c === 'born' ? 400 : 0);
      var says = feature.name + ' ' + feature.id + ': ' + words[c][0] + ', ' + sentence(w);
      path.setAttribute('aria-label', says);
      path.setAttribute('aria-pressed', isSelected);
      spot.name.textContent = feature.name;
      el('small', '', spot.name, feature.id);
      spot.plate.classList.toggle('hs-chosen', isSelected);
      spot.plate.classList.toggle('hs-quiet', quietClass(c) && c !== 'dissolved');
      spot.tip.replaceChildren();
      el('strong', '', spot.tip, feature.name + ' ');
      el('small', '', spot.tip, feature.id);
      el('div', '', spot.tip, words[c][0]);
      el('div', 'hs-tipclass', spot.tip, words[c][1]);
      el('div', '', spot.tip, sentence(w));
      if (w.s) el('div', 'hs-tipflag', spot.tip, 'One or a few ' + unit[1] + ' make most of it.');
    }

    // ------------------------------------------------------------------ windows
    function show(j) {
      k = Math.max(0, Math.min(j, data.labels.length - 1));
      var counts = {}, total = 0;
      data.feats.forEach(function (feature) {
        showSpot(spots[feature.id]);
        var w = feature.w[k];
        if (!w) return;
        counts[known(w.c)] = (counts[known(w.c)] || 0) + 1;
        if (!quietClass(w.c)) total += 1;
      });
      slider.value = k;
      slider.setAttribute('aria-valuetext', data.labels[k] || '');
      when.textContent = data.labels[k] || 'No window';
      el('span', 'hs-partial', when, (data.partial || [])[k] ? ' not complete' : '');
      summary.textContent = total ? plural(total, 'hotspot', 'hotspots') +
        ['born', 'grew', 'shrank', 'dissolved'].filter(function (c) { return counts[c]; }).map(function (c) {
          return ' · ' + counts[c] + ' ' + words[c][0].toLowerCase();
        }).join('') : 'No hotspots in this window';
      Object.keys(rows).forEach(function (c) {
        rows[c].count.textContent = counts[c] || '';
        rows[c].row.classList.toggle('hs-none', !counts[c]);
      });
      Array.prototype.forEach.call(bars.children, function (bar, i) { bar.classList.toggle('hs-now', i === k); });
      back.disabled = k === 0;
      next.disabled = k >= data.labels.length - 1;
    }
    function drawBars() {
      var n = data.labels.length, most = 1;
      var totals = data.labels.map(function () { return [0, 0]; });
      data.feats.forEach(function (f) {
        for (var i in f.w) {
          if (!totals[i] || quietClass(f.w[i].c)) continue;
          totals[i][0] += 1;
          if (f.w[i].c === 'born') totals[i][1] += 1;
          most = Math.max(most, totals[i][0]);
        }
      });
      bars.setAttribute('viewBox', '0 0 ' + Math.max(n - 1, 1) + ' 30');
      bars.replaceChildren();
      var width = Math.min(0.62, 15 * Math.max(n - 1, 1) / Math.max(track.clientWidth - 18, 60)), reach = Math.min(1, width * 1.6);
      totals.forEach(function (t, i) {
        var g = svg('g', {}, bars), middle = n === 1 ? 0.5 : i, x = middle - width / 2;
        var h = t[0] / most * 28, fresh = t[1] / most * 28;
        svg('rect', { x: middle - reach / 2, y: -2, width: reach, height: 34, 'class': 'hs-hit' }, g);
        svg('rect', { x: x, y: 30 - Math.max(h, 1), width: width, height: Math.max(h, 1), 'class': (data.partial || [])[i] ? 'hs-half' : '' }, g);
        if (fresh) svg('rect', { x: x, y: 30 - h, width: width, height: fresh, 'class': 'hs-new' }, g);
        svg('title', {}, g).textContent = data.labels[i] + ': ' + plural(t[0], 'hotspot', 'hotspots') + ', ' + t[1] + ' new';
        g.addEventListener('click', function () { stop(); show(i); send(); });
      });
    }

    function send() {
      if (!window.Streamlit) return;
      sent += 1;
      window.Streamlit.setComponentValue({
        hotspot: selected, window: k, start: (data.spans[k] || [''])[0], event: Date.now() + '-' + sent
      });
    }
    function select(id, tell) {
      var old = selected;
      selected = id;
      [old, id].forEach(function (one) { if (one !== null && spots[one]) showSpot(spots[one]); });
      if (tell && old !== id) send();
    }
    function stop() {
      if (!timer) return;
      clearInterval(timer); timer = null;
      face('Play', 'M4 2L14 8L4 14Z');
      send();
    }
    function face(label, path) { named(play, label); play.querySelector('path').setAttribute('d', path); }

    play.addEventListener('click', function () {
      if (timer) return stop();
      if (data.labels.length < 2) return;
      face('Pause', 'M4 2H7V14H4ZM9 2H12V14H9Z');
      if (k >= data.labels.length - 1) show(0);
      timer = setInterval(function () { if (k >= data.labels.length - 1) stop(); else show(k + 1); }, PLAY_MS);
    });
    back.addEventListener('click', function () { stop(); show(k - 1); send(); });
    next.addEventListener('click', function () { stop(); show(k + 1); send(); });
    slider.addEventListener('input', function () { if (timer) { clearInterval(timer); timer = null; face('Play', 'M4 2L14 8L4 14Z'); } show(+slider.value); });
    slider.addEventListener('change', send);
    map.on('click', function () { if (selected !== null) select(null, true); });
    map.on('zoomend', level);
    function level() { root.classList.toggle('hs-named', map.getZoom() >= NAME_ZOOM); root.classList.toggle('hs-far', map.getZoom() < 11.5); }

    // ------------------------------------------------------------------ view
    function extent() {             // of all hotspots; of many, without the farthest few, which would make the rest too small
      var centres = data.feats.map(function (f) { return centre(f.rings[f.rings.length - 1]); });
      var out = centres.length > 30 ? Math.floor(centres.length * 0.06) : 0, bounds = L.latLngBounds([]);
      [0, 1].forEach(function (axis) { centres.sort(function (a, b) { return a[axis] - b[axis]; }); centres = centres.slice(out, centres.length - out); });
      centres.forEach(function (c) { bounds.extend(c); });
      return bounds;
    }
    function fit() {
      var bounds = extent(), size = map.getSize(), wide = size.x > 640;
      if (bounds.isValid() && size.y > 200) {       // clear of the card above, the legend at the right, the dock below
        map.fitBounds(bounds, { paddingTopLeft: [40, 80], paddingBottomRight: [wide ? 240 : 60, 120], maxZoom: 14, animate: false });
      }
    }
    function look() {                               // once: where this tab last looked at this ground, else all hotspots
      var kept = window.sessionStorage.getItem('view-' + options.ground), at = kept ? JSON.parse(kept) : null;
      if (at) map.setView([at[0], at[1]], at[2], { animate: false }); else fit();
      map.on('moveend', function () {
        var c = map.getCenter();
        window.sessionStorage.setItem('view-' + options.ground, JSON.stringify([c.lat, c.lng, map.getZoom()]));
      });
    }

    // ------------------------------------------------------------------ data
    function update(d) {
      var start = (data.spans[k] || [''])[0], keep = {};
      data = d;
      theme = d.theme === 'dark' ? 'dark' : 'light';
      unit = d.unit || unit;
      root.classList.toggle('hs-dark', theme === 'dark');
      document.body.style.background = theme === 'dark' ? '#14181f' : '#ffffff';
      if (window.ScopingBasemap) window.ScopingBasemap.theme(theme);
      stamp.textContent = d.stamp || '';
      stamp.style.display = d.stamp ? '' : 'none';
      d.feats.forEach(function (feature) {
        keep[feature.id] = true;
        var spot = spots[feature.id] || add(feature);
        if (spot.rev !== feature.rev) { spot.ring = -1; spot.ghost = -1; }   // an outline changed under a kept id
        spot.rev = feature.rev;
        spot.feature = feature;
        spot.drawn = '';
      });
      Object.keys(spots).forEach(function (id) { if (!keep[id]) remove(id); });
      if (selected !== null && !spots[selected]) selected = null;

      slider.max = Math.max(0, d.labels.length - 1);
      slider.disabled = play.disabled = d.labels.length < 2;
      first.textContent = d.spans.length ? month(d.spans[0][0]) : '';
      last.textContent = d.spans.length > 1 ? month(d.spans[d.spans.length - 1][1], 1) : '';
      drawBars();
      var occurs = {};
      d.feats.forEach(function (f) { for (var i in f.w) occurs[known(f.w[i].c)] = true; });
      Object.keys(rows).forEach(function (c) {
        M.badge(rows[c].swatch, { c: c, n: '', theme: theme });
        rows[c].row.style.display = occurs[c] ? '' : 'none';
      });

      var j = mounted ? spanIndex(start) : d.window;
      if (!mounted || (d.ask && d.ask !== asked)) {      // Python asks: the first time, or after a click in the table
        selected = spots[d.selected] ? d.selected : null;
        if (mounted && d.window !== null && d.window !== undefined) j = d.window;
        if (mounted && selected !== null) bring(selected, j);
      }
      asked = d.ask;
      show(j === null || j === undefined || j < 0 ? d.labels.length - 1 : j);
      if (!mounted) look();
      mounted = true;
      level();
    }
    function spanIndex(start) {     // the same window after a filter, else the nearest before it
      var found = -1;
      data.spans.forEach(function (span, i) { if (span[0] <= start) found = i; });
      return found < 0 ? 0 : found;
    }
    function bring(id, j) {
      var w = spots[id].feature.w[j], ring = spots[id].feature.rings[w ? w.r : 0];
      if (ring && !map.getBounds().pad(-0.1).contains(centre(ring))) map.panTo(centre(ring));
    }

    window.HS = { show: show, update: update, select: select, state: function () { return { k: k, selected: selected, map: map }; } };
  }

  window.ScopingTimeline = { attach: attach };
})();
