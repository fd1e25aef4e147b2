/* The changing hotspots on the map: all windows in the browser, moved by a slider.
 *
 * ScopingTimeline.attach(map, options) runs once, when the base map is built. It holds no data.
 * HS.update(payload) runs at every push: hotspots, labels and theme change; view, window and selection stay.
 * HS.show(k) moves to window k: only styles change, and outlines where a footprint moved.
 * Python hears of the final window and of the selection: {hotspot, window, start, event}, and of what a tool asks
 * (area, find). The modules beside it draw on the same core: compare.js, overlays.js, tools.js.
 *
 * All text from data goes through textContent.
 */
(function () {
  'use strict';

  var M = window.ScopingMarks, svg = M.svg, latlngs = M.latlngs, centre = M.centre;
  var NAME_ZOOM = 12.5;           // from this zoom on, places carry their name
  var PLAY_MS = 900;
  var ELSEWHERE_M = 2000;         // as in spot.py: farther than a hotspot moves under its id
  var SETTLE_MS = 180;            // quick steps are told once, when they have ended: each telling draws the page anew

  function attach(map, options) {
    var data = { labels: [], spans: [], feats: [] };
    var spots = {}, feats = {}, k = 0, selected = null, asked = null, timer = null, settling = null, asking = {}, needed = null, heard = {}, theme = 'light', unit = ['child', 'children'], sent = 0, mounted = false, thinned = false;
    var words = options.classes;              // class -> [label, explanation]

    map.createPane('ghost').style.zIndex = 390;
    map.getPane('ghost').style.pointerEvents = 'none';
    var ghostRenderer = L.svg({ pane: 'ghost' });
    [['now', 410], ['nowMarks', 610]].forEach(function (pane) { map.createPane(pane[0]).style.zIndex = pane[1]; });
    var shapes = L.featureGroup().addTo(map), ghosts = L.featureGroup().addTo(map), badges = L.featureGroup().addTo(map);
    var root = map.getContainer();
    root.classList.add('hs-map');
    map.setMinZoom(6).setMaxZoom(18);
    M.hatches(root);
    root.setAttribute('role', 'application');
    root.setAttribute('aria-label', 'Map of hotspots. The table beside it says the same.');

    // ------------------------------------------------------------------ small helpers
    var P = window.ScopingPanels.build(map, options), el = P.el, dock = P.dock, rows = P.rows, slider = dock.slider;
    var core = { map: map, panels: P, options: options, busy: false, ground: window.ScopingBasemap && window.ScopingBasemap.of(map) };
    function known(c) { return Object.prototype.hasOwnProperty.call(words, c) ? c : 'no_data'; }
    function month(day, before) {       // "2024-01-01" -> "Jan 2024"; of the day before, for an end that is not included
      var date = new Date(Date.parse(day + 'T12:00:00Z') - (before ? 86400000 : 0));
      return isNaN(date) ? day : date.toLocaleDateString('en-GB', { month: 'short', year: 'numeric', timeZone: 'UTC' });
    }
    function quietClass(c) { return options.quiet.indexOf(known(c)) >= 0; }
    function plural(n, one, many) { return n + ' ' + (n === 1 ? one : many); }
    function paint(c) { return M.STYLES[theme][c]; }

    // ------------------------------------------------------------------ one hotspot
    function add(feature) {
      var spot = { feature: feature, rev: feature.rev, ring: -1, ghost: -1, drawn: '' };
      spot.shape = L.polygon([], { pane: 'now', smoothFactor: 0.4, className: 'hs-shape', bubblingMouseEvents: false });
      spot.outline = L.polygon([], { pane: 'ghost', renderer: ghostRenderer, interactive: false, className: 'hs-ghost', fill: false });
      spot.plate = el('div', 'hs-badge');
      spot.tip = el('div', 'hs-tip');
      spot.shape.bindTooltip(spot.tip, { sticky: true, opacity: 1, className: 'hs-tooltip' });
      spot.shape.on('tooltipopen', function () { tell(spot); });
      function choose() { select(feature.id, true); }
      spot.shape.on('click', choose);
      spot.shape.on('add', function () {
        var path = spot.shape.getElement();
        path.setAttribute('role', 'button');
        path.setAttribute('data-hotspot', feature.id);
        path.addEventListener('keydown', function (e) {
          if (e.key === 'Enter' || e.key === ' ') { e.preventDefault(); e.stopPropagation(); choose(); }
        });
        path.addEventListener('focus', function () { spot.plate.classList.add('hs-focus'); seat(spot); });
        path.addEventListener('blur', function () { spot.plate.classList.remove('hs-focus'); if (spot.dot) hide(spot); });
      });
      spots[feature.id] = spot;
      ghosts.addLayer(spot.outline); shapes.addLayer(spot.shape);
      return spot;
    }
    function seat(spot) {            // its badge is shown: built when it first is, drawn anew when it says something new
      if (!spot.badge) {
        spot.leader = svg('svg', { 'class': 'hs-leader', 'aria-hidden': 'true' }, spot.plate);
        spot.icon = el('div', 'hs-icon', spot.plate);
        spot.name = el('div', 'hs-name', spot.plate);
        spot.badge = L.marker(spot.at, {
          icon: L.divIcon({ html: spot.plate, className: 'hs-marker', iconSize: [0, 0] }), pane: 'nowMarks', keyboard: false, bubblingMouseEvents: false
        });
        spot.badge.bindTooltip(spot.tip, { direction: 'auto', offset: [18, 0], opacity: 1, className: 'hs-tooltip' });
        spot.badge.on('tooltipopen', function () { tell(spot); });
        spot.badge.on('click', function () { select(spot.feature.id, true); });
        badges.addLayer(spot.badge);
      }
      spot.plate.style.display = '';
      if (!spot.badge.getLatLng().equals(spot.at)) spot.badge.setLatLng(spot.at);
      if (spot.marked === spot.drawn) return;
      spot.marked = spot.drawn;
      M.badge(spot.icon, spot.mark);
      spot.badge.setZIndexOffset(spot.mark.selected ? 1000 : spot.mark.c === 'born' ? 400 : 0);
      spot.name.textContent = spot.feature.name;
      el('small', '', spot.name, spot.feature.id);
    }
    function hide(spot) { spot.plate.style.display = 'none'; }
    function remove(id) {
      ghosts.removeLayer(spots[id].outline); shapes.removeLayer(spots[id].shape);
      if (spots[id].badge) badges.removeLayer(spots[id].badge);
      delete spots[id];
    }

    function sentence(w) {
      if (!w.n && !w.e) return 'none in this window';
      return plural(w.n, unit[0], unit[1]) + ', ' + plural(w.e, 'episode', 'episodes');
    }
    function showSpot(feature) {
      var w = feature.w[k], on = !!w, spot = spots[feature.id];
      if (!on && (!spot || spot.off)) return;      // most hotspots are absent from most windows; drawn when they first are in one
      spot = spot || add(feature);
      var path = spot.shape.getElement();
      spot.off = !on;
      path.style.display = on ? '' : 'none';
      path.setAttribute('tabindex', on ? 0 : -1);
      if (!on) hide(spot);
      if (!on) { if (spot.ghost !== -1) { spot.outline.setLatLngs([]); spot.ghost = -1; } return; }

      var c = known(w.c), style = paint(c), isSelected = selected === feature.id;
      if (spot.ring !== w.r) {
        spot.ring = w.r;
        spot.shape.setLatLngs(latlngs(feature.rings[w.r]));
        spot.at = L.latLng(centre(feature.rings[w.r]));
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
      path.dataset.class = spot.plate.dataset.class = c;
      spot.mark = { c: c, n: w.n && !quietClass(c) ? String(w.n) : '', flag: w.s, selected: isSelected, theme: theme };
      spot.radius = M.radius(spot.mark);
      var says = feature.name + ' ' + feature.id + ': ' + words[c][0] + ', ' + sentence(w);
      path.setAttribute('aria-label', says);
      path.setAttribute('aria-pressed', isSelected);
      spot.plate.classList.toggle('hs-chosen', isSelected);
      spot.plate.classList.toggle('hs-quiet', quietClass(c) && c !== 'dissolved');
      if (spot.tip.isConnected) tell(spot);
    }
    function tell(spot) {            // the tooltip is written when it is looked at
      var w = spot.feature.w[k], tip = spot.tip;
      tip.replaceChildren();
      if (!w) return;
      el('strong', '', tip, spot.feature.name + ' ');
      el('small', '', tip, spot.feature.id);
      el('div', '', tip, words[known(w.c)][0] + ': ' + sentence(w));   // what the class means is said in the legend and the card
      if (w.s) el('div', 'hs-tipflag', tip, 'One or a few ' + unit[1] + ' make most of it.');
    }

    // ------------------------------------------------------------------ windows
    function show(j) {
      k = Math.max(0, Math.min(j, data.labels.length - 1));
      var counts = {}, total = 0;
      data.feats.forEach(function (feature) {
        showSpot(feature);
        var w = feature.w[k];
        if (!w) return;
        counts[known(w.c)] = (counts[known(w.c)] || 0) + 1;
        if (!quietClass(w.c)) total += 1;
      });
      slider.value = k;
      slider.setAttribute('aria-valuetext', data.labels[k] || '');
      P.when.textContent = data.labels[k] || 'No window';
      el('span', 'hs-partial', P.when, (data.partial || [])[k] ? ' not complete' : '');
      P.summary.textContent = total ? plural(total, 'hotspot', 'hotspots') +
        ['born', 'grew', 'shrank', 'dissolved'].filter(function (c) { return counts[c]; }).map(function (c) {
          return ' · ' + counts[c] + ' ' + words[c][0].toLowerCase();
        }).join('') : 'No hotspots in this window';
      Object.keys(words).forEach(function (c) {
        rows[c].count.textContent = counts[c] || '';
        rows[c].row.classList.toggle('hs-none', !counts[c]);
      });
      Array.prototype.forEach.call(dock.bars.children, function (bar, i) { bar.classList.toggle('hs-now', i === k); });
      dock.back.disabled = k === 0;
      dock.next.disabled = k >= data.labels.length - 1;
      if (mounted) tidy();
      told('show');
    }
    function tidy() {                // badges that would hide each other move aside, joined to their place by a line; of many, some are dots
      var near = map.getZoom() >= NAME_ZOOM, seen = [], view = map.getBounds().pad(0.2);
      for (var id in spots) {
        var spot = spots[id], w = spot.feature.w[k];
        if (!w) continue;
        if (near === false && spot.plate.classList.contains('hs-quiet')) { if (spot.badge) { seat(spot); M.shift(spot, 0, 0); } continue; }
        seen.push({ spot: spot, at: map.latLngToLayerPoint(spot.at), r: spot.radius, here: view.contains(spot.at) });
      }
      var here = seen.filter(function (s) { return s.here; }), stands = here.length > M.MANY ? M.thin(here) : seen;
      thinned = stands !== seen;
      seen.forEach(function (s) { s.spot.dot = thinned; });
      stands.forEach(function (s) { s.spot.dot = false; });
      seen.forEach(function (s) {
        s.spot.shape.getElement().classList.toggle('hs-dot', s.spot.dot);
        if (s.spot.dot) hide(s.spot); else seat(s.spot);
      });
      rows.dots.style.display = thinned ? '' : 'none';
      seen = stands;
      M.spread(seen, near ? 0.6 : 1);
      if (near) M.crowd(seen);
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
      dock.bars.setAttribute('viewBox', '0 0 ' + Math.max(n - 1, 1) + ' 30');
      dock.bars.replaceChildren();
      var width = Math.min(0.62, 15 * Math.max(n - 1, 1) / Math.max(dock.track.clientWidth - 18, 60)), reach = Math.min(1, width * 1.6);
      totals.forEach(function (t, i) {
        var g = svg('g', {}, dock.bars), middle = n === 1 ? 0.5 : i, x = middle - width / 2;
        var h = t[0] / most * 28, fresh = t[1] / most * 28;
        svg('rect', { x: middle - reach / 2, y: -2, width: reach, height: 34, 'class': 'hs-hit' }, g);
        svg('rect', { x: x, y: 30 - Math.max(h, 1), width: width, height: Math.max(h, 1), 'class': (data.partial || [])[i] ? 'hs-half' : '' }, g);
        if (fresh) svg('rect', { x: x, y: 30 - h, width: width, height: fresh, 'class': 'hs-new' }, g);
        svg('title', {}, g).textContent = data.labels[i] + ': ' + plural(t[0], 'hotspot', 'hotspots') + ', ' + t[1] + ' new';
        g.addEventListener('click', function () { stop(); show(i); send(); });
      });
    }

    function settle() {
      clearTimeout(settling);
      settling = setTimeout(send, SETTLE_MS);
    }
    function send(more) {
      clearTimeout(settling);
      if (!window.Streamlit) return;
      sent += 1;
      window.Streamlit.setComponentValue(Object.assign({
        hotspot: selected, window: k, start: (data.spans[k] || [''])[0], holds: data.data || null, event: Date.now() + '-' + sent
      }, asking, more || {}));
    }
    function select(id, tell) {
      var old = selected;
      selected = id;
      [old, id].forEach(function (one) {
        if (one === null || !feats[one]) return;
        showSpot(feats[one]);
        if (spots[one] && feats[one].w[k]) seat(spots[one]);
      });
      told('select');
      if (tell && old !== id) send();
    }

    // ------------------------------------------------------------------ play, buttons, keys
    function halt() {
      if (!timer) return false;
      clearInterval(timer); timer = null;
      dock.face(false);
      return true;
    }
    function stop() { if (halt()) send(); }
    function play() {
      if (timer) return stop();
      if (data.labels.length < 2) return;
      dock.face(true);
      if (k >= data.labels.length - 1) show(0);
      timer = setInterval(function () { if (k >= data.labels.length - 1) stop(); else show(k + 1); }, PLAY_MS);
    }
    function step(by) { halt(); show(k + by); settle(); }
    dock.play.addEventListener('click', play);
    dock.back.addEventListener('click', function () { step(-1); });
    dock.next.addEventListener('click', function () { step(1); });
    slider.addEventListener('input', function () { halt(); show(+slider.value); });
    slider.addEventListener('change', settle);
    slider.addEventListener('keydown', function (e) { if (e.key === ' ') { e.preventDefault(); play(); } });
    map.on('click', function () { if (selected !== null && !core.busy) select(null, true); });
    map.on('zoomend', function () { level(); tidy(); });
    map.on('moveend', function () { if (thinned) tidy(); });
    root.addEventListener('keydown', function (e) {      // on the map itself, not in its panels
      if (e.ctrlKey || e.altKey || e.metaKey || e.target !== root) return;
      if (e.key === ' ') { e.preventDefault(); play(); } else if (e.key === ',' || e.key === '.') step(e.key === '.' ? 1 : -1);
    });
    L.DomEvent.on(P.home, 'click', function (e) { L.DomEvent.preventDefault(e); own = true; fit(); });
    function level() { root.classList.toggle('hs-named', map.getZoom() >= NAME_ZOOM); root.classList.toggle('hs-far', map.getZoom() < 11.5); }

    // ------------------------------------------------------------------ view
    var fitting = false, fitted = null, own = false;   // own: the view is ours until a person moves it
    function latest(feature) { return centre(feature.rings[feature.rings.length - 1]); }
    function extent() {             // of all hotspots; of many, without the farthest few, which would make the rest too small
      var centres = data.feats.map(latest);
      var out = centres.length > 30 ? Math.floor(centres.length * 0.06) : 0, bounds = L.latLngBounds([]);
      [0, 1].forEach(function (axis) { centres.sort(function (a, b) { return a[axis] - b[axis]; }); centres = centres.slice(out, centres.length - out); });
      centres.forEach(function (c) { bounds.extend(c); });
      return bounds;
    }
    function fit(again) {           // `again`: the same ground, whatever the filters have made of the hotspots since
      var bounds = again && fitted || extent(), size = map.getSize(), wide = size.x > 640, two = core.compare && core.compare.mode() === 'two';
      if (bounds.isValid() && size.y > 200) {       // clear of the card above, the tools at the right, the dock below
        fitting = true;
        fitted = bounds;
        map.fitBounds(bounds, { paddingTopLeft: [(two ? size.x / 2 : 0) + 40, Math.min(P.card.offsetHeight + 36, size.y * 0.42)], paddingBottomRight: [wide ? 110 : 60, 120], maxZoom: 14, animate: false });
        fitting = false;
      }
    }
    core.room = function () { if (own) fit(true); };   // what stands on the map takes more or less room than before
    function look() {                               // once: where this tab last looked at this ground, else all hotspots
      map.invalidateSize({ pan: false });
      var kept = window.sessionStorage.getItem('view-' + options.ground), at = kept ? JSON.parse(kept) : null;
      if (at) map.setView([at[0], at[1]], at[2], { animate: false }); else fit();
      own = !at;
      map.on('dragstart zoomstart', function () { own = own && fitting; });
      // a frame grows after it was looked into: what was in the middle stays there
      new ResizeObserver(function () { map.invalidateSize({ pan: !own, animate: false }); core.room(); }).observe(root);
      map.on('moveend', function () {
        var c = map.getCenter(), name = 'view-' + options.ground;
        if (own) window.sessionStorage.removeItem(name);
        else window.sessionStorage.setItem(name, JSON.stringify([c.lat, c.lng, map.getZoom()]));
      });
    }

    // ------------------------------------------------------------------ data
    function dress(d) {
      theme = d.theme === 'dark' ? 'dark' : 'light';
      unit = d.unit || unit;
      root.classList.toggle('hs-dark', theme === 'dark');
      document.body.style.background = theme === 'dark' ? '#14181f' : '#ffffff';
      if (core.ground && mounted) core.ground.theme(theme);
      P.stamp.textContent = d.stamp || '';
      P.stamp.style.display = d.stamp ? '' : 'none';
      rows.note.textContent = options.note.replace('different children', 'different ' + unit[1]).replace('a few children', 'a few ' + unit[1]);
    }
    function update(d) {
      if (!d.feats) {                              // what is looked at alone: the rest is believed to be here
        if (d.data !== data.data) return d.data === needed ? null : send({ need: needed = d.data });
        d = Object.assign({}, data, d);
      }
      var start = (data.spans[k] || [''])[0];
      data = d;
      needed = null;
      dress(d);
      var chosen = selected === null ? null : latest(feats[selected]);
      feats = {};
      d.feats.forEach(function (feature) {
        if (typeof feature.w === 'string') feature.w = windows(feature.w);
        M.unpack(feature, d.radius);
        feats[feature.id] = feature;
        var spot = spots[feature.id];
        if (!spot) return;
        if (spot.rev !== feature.rev) { spot.ring = -1; spot.ghost = -1; }   // an outline changed under a kept id
        spot.rev = feature.rev;
        spot.feature = feature;
        spot.drawn = '';
      });
      Object.keys(spots).forEach(function (id) { if (!feats[id]) remove(id); });
      if (selected !== null && (!feats[selected] || map.distance(chosen, latest(feats[selected])) > ELSEWHERE_M)) selected = null;

      slider.max = Math.max(0, d.labels.length - 1);
      slider.disabled = dock.play.disabled = d.labels.length < 2;
      dock.first.textContent = d.spans.length ? month(d.spans[0][0]) : '';
      dock.last.textContent = d.spans.length > 1 ? month(d.spans[d.spans.length - 1][1], 1) : '';
      drawBars();
      var occurs = {};
      d.feats.forEach(function (f) { for (var i in f.w) occurs[known(f.w[i].c)] = true; });
      Object.keys(words).forEach(function (c) {
        M.badge(rows[c].swatch, { c: c, n: '', theme: theme });
        rows[c].row.style.display = occurs[c] ? '' : 'none';
      });
      told('data');

      var j = mounted ? spanIndex(start) : d.window;
      if (!mounted || (d.ask && d.ask !== asked)) {      // Python asks: the first time, or after a click in the table
        selected = feats[d.selected] ? d.selected : null;
        if (mounted && d.window !== null && d.window !== undefined) j = d.window;
        if (mounted && selected !== null) bring(selected, j);
      }
      var wants = mounted === false || d.ask !== asked ? d.compare : null;
      asked = d.ask;
      show(j === null || j === undefined || j < 0 ? d.labels.length - 1 : j);
      if (wants && core.compare) core.compare.choose(wants);
      var begins = !mounted;
      if (begins) {
        look();
        if (core.ground) core.ground.theme(theme);   // its tiles are those of the view that stays
      }
      mounted = true;
      level();
      tidy();
      if (begins) {
        setTimeout(function () { send({ drawn: true }); });
        requestAnimationFrame(function () { setTimeout(function () { performance.mark('first map'); }); });   // it is painted
      }
    }
    function windows(text) {        // as they were sent -> window: {c class, n children, e episodes, s one or a few, r outline}
      var found = {}, read = M.reader(text), k = 0, r = 0;
      while (read.more()) {
        k += read.number();
        var told = read.number(), n = read.number() - 1, more = read.step(), none = n < 0;
        found[k] = { c: data.classes[told >> 1], n: none ? null : n, e: none ? null : n + more, s: told & 1, r: r += read.step() };
      }
      return found;
    }
    function spanIndex(start) {     // the same window after a filter, else the nearest before it
      var found = -1;
      data.spans.forEach(function (span, i) { if (span[0] <= start) found = i; });
      return found < 0 ? 0 : found;
    }
    function bring(id, j) {
      var w = feats[id].w[j], ring = feats[id].rings[w ? w.r : 0];
      if (ring && !map.getBounds().pad(-0.1).contains(centre(ring))) map.panTo(centre(ring));
    }

    // ------------------------------------------------------------------ what the modules beside this one share
    function told(event) { (heard[event] || []).forEach(function (tell) { tell(); }); }
    core.on = function (event, tell) { (heard[event] = heard[event] || []).push(tell); };   // 'data', 'show', 'select'
    core.ask = function (what) { asking = what; };    // goes along with every message until it changes
    Object.assign(core, {
      send: send, select: select, show: show, plural: plural, quietClass: quietClass, paint: paint,
      data: function () { return data; }, k: function () { return k; }, theme: function () { return theme; },
      selected: function () { return selected; }, unit: function () { return unit; }
    });
    ['ScopingCompare', 'ScopingOverlays', 'ScopingTools'].forEach(function (name) { if (window[name]) window[name].attach(core); });
    window.ScopingBasemap.follow(function (name) { if (mounted) update(Object.assign({}, data, { theme: name })); });
    window.HS = { show: show, update: update, select: select, state: function () { return { k: k, selected: selected, map: map, core: core }; } };
  }

  window.ScopingTimeline = { attach: attach };
})();
