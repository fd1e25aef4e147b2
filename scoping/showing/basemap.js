/* The ground under the hotspots: quiet, local, in two themes.
 *
 * ScopingBasemap.attach(map, options) gives the map its ground; of(map) finds it again; theme('light' | 'dark') draws;
 * follow(redraw) calls `redraw` with the theme when the screen turns dark or light under an open page.
 *   kind 'demo'   the invented county, vector tiles from /basemap/demo/<layer>.pmtiles, drawn by protomaps-leaflet
 *   kind 'real'   ground.js: the built-up texture, outlines of districts and coast, and place names, made from the gazetteer
 *   options.own   the operator's own layers above either: files of this server, or addresses of the intranet
 * Addresses are absolute, because the map lives in a frame of its own. Two maps may have the same ground.
 */
(function () {
  'use strict';

  var FONT = '"Segoe UI", system-ui, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif';
  var INK = {
    light: {
      sea: '#d5e2ea', ground: '#d5e2ea', land: '#f5f3ee', water: '#c3d7e3', green: '#dfe8d3', built: '#e9e5dd', block: '#ddd8ce', rail: '#a9a49a', coast: '#b9cbd6', border: '#8d8577',
      casing: '#d3cdc1', street: '#ffffff', main: '#ffffff', trunk: '#f7e7c4', text: '#4a5059', town: '#262c34', quiet: '#6d747d',
      watertext: '#55798f', greentext: '#5c7549', halo: 'rgba(250,249,246,.92)'
    },
    dark: {
      sea: '#131a22', ground: '#131a22', land: '#1f252d', water: '#16222d', green: '#212d28', built: '#272d36', block: '#2f3640', rail: '#59616c', coast: '#34414d', border: '#6f7886',
      casing: '#181d24', street: '#39414c', main: '#454e5a', trunk: '#574f3d', text: '#b4bcc6', town: '#e2e6ec', quiet: '#8b949f',
      watertext: '#7fa3bb', greentext: '#8aa77d', halo: 'rgba(20,24,31,.92)'
    }
  };

  function here(path) { return window.location.origin + path; }

  // ------------------------------------------------------------------ the invented county
  function at(stops) {          // width by zoom, linear between [zoom, width] pairs
    return function (z) {
      for (var i = 1; i < stops.length; i += 1) {
        if (z <= stops[i][0]) {
          var a = stops[i - 1], b = stops[i], t = Math.max(0, (z - a[0]) / (b[0] - a[0]));
          return a[1] + t * (b[1] - a[1]);
        }
      }
      return stops[stops.length - 1][1];
    };
  }
  function demo(ink, options) {
    var P = window.protomapsL, source = function (name, more) {
      return Object.assign({ dataSource: name, dataLayer: name }, more);
    };
    function area(name, colour, more) { return source(name, Object.assign({ symbolizer: new P.PolygonSymbolizer({ fill: colour }) }, more)); }
    function kind() { var allowed = Array.prototype.slice.call(arguments); return function (z, f) { return allowed.indexOf(f.props.kind) >= 0; }; }
    function line(kinds, colour, stops, more) {
      return source('roads', Object.assign({ filter: kinds, symbolizer: new P.LineSymbolizer({ color: colour, width: at(stops), lineCap: 'round', lineJoin: 'round' }) }, more));
    }
    var minor = kind('residential', 'close', 'lane'), main = kind('B', 'distributor'), trunk = kind('A');
    var minorWidth = [[11, 0.3], [13, 1.2], [15, 4], [18, 14]], mainWidth = [[9, 0.5], [12, 1.8], [15, 6], [18, 20]], trunkWidth = [[8, 0.9], [12, 2.6], [15, 8], [18, 24]];
    function wider(stops, by) { return stops.map(function (s) { return [s[0], s[1] + by]; }); }
    function above(size, colour, weight, by, more) {   // town names stand `by` pixels above their middle, clear of the badges on it
      return source('labels', Object.assign({
        symbolizer: new P.OffsetTextSymbolizer({
          labelProps: ['name'], font: weight + ' ' + size + 'px ' + FONT, fill: colour, stroke: ink.halo, width: 3, offsetY: -by,
          placements: [P.TextPlacements.N], justify: P.Justify.Center
        })
      }, more));
    }
    function text(name, size, colour, weight, more) {
      return source(name, Object.assign({
        symbolizer: new P.CenteredTextSymbolizer({
          labelProps: ['name'], font: weight + ' ' + size + 'px ' + FONT, fill: colour, stroke: ink.halo, width: 3, lineHeight: 1.15
        })
      }, more));
    }
    var sources = {};
    options.layers.forEach(function (layer) {
      sources[layer.name] = { url: here('/basemap/demo/' + layer.file + '?v=' + options.version), maxDataZoom: layer.zoom };
    });
    return [P.leafletLayer({
      sources: sources, attribution: options.attribution, backgroundColor: ink.sea, lang: 'en', maxZoom: 18, noWrap: true,
      paintRules: [
        area('land', ink.land), area('green', ink.green), area('built', ink.built), area('water', ink.water),
        area('buildings', ink.block, { minzoom: 14 }),
        line(minor, ink.casing, wider(minorWidth, 1.2), { minzoom: 13 }), line(main, ink.casing, wider(mainWidth, 1.4), { minzoom: 11 }),
        line(trunk, ink.casing, wider(trunkWidth, 1.4)),
        line(minor, ink.street, minorWidth, { minzoom: 11 }), line(main, ink.main, mainWidth, { minzoom: 9 }), line(trunk, ink.trunk, trunkWidth),
        source('rail', { symbolizer: new P.LineSymbolizer({ color: ink.rail, width: at([[9, 0.8], [14, 2], [17, 3]]), dash: [6, 3] }) })
      ],
      labelRules: [
        text('labels', 11, ink.watertext, 'italic 500', { filter: kind('water'), minzoom: 10 }),
        text('labels', 11, ink.greentext, 'italic 500', { filter: kind('moor'), minzoom: 10 }),
        text('labels', 11, ink.quiet, 500, { filter: kind('station'), minzoom: 14 }),
        above(16, ink.town, 650, 20, { filter: kind('city'), maxzoom: 10 }),
        above(16, ink.town, 650, 60, { filter: kind('city'), minzoom: 11, maxzoom: 12 }),
        above(17, ink.town, 650, 26, { filter: kind('city'), minzoom: 13 }),
        above(14, ink.town, 600, 20, { filter: kind('town'), maxzoom: 10 }),
        above(14, ink.town, 600, 30, { filter: kind('town'), minzoom: 11, maxzoom: 12 }),
        above(15, ink.town, 600, 26, { filter: kind('town'), minzoom: 13 }),
        text('labels', 12, ink.text, 500, { filter: kind('village'), minzoom: 10 }),
        source('roads', { minzoom: 15, symbolizer: new P.LineLabelSymbolizer({ labelProps: ['name'], font: '500 11px ' + FONT, fill: ink.quiet, stroke: ink.halo, width: 3 }) })
      ]
    })];
  }

  // ------------------------------------------------------------------ the operator's own layers
  var OWN = {                   // how a layer is drawn, by the name it was imported under: [kind of mark, colour of the ink, width by zoom]
    roads: ['line', 'main', [[9, 0.6], [12, 1.4], [15, 4], [18, 14]]], rail: ['line', 'rail', [[9, 0.8], [14, 2]]],
    water: ['area', 'water'], green: ['area', 'green'], buildings: ['area', 'block'], built: ['area', 'built'], land: ['area', 'land'],
    boundaries: ['line', 'quiet', [[6, 0.8], [14, 1.6]]], places: ['text', 'text']
  };
  function own(layer, ink) {
    if (layer.type === 'xyz') return L.tileLayer(layer.url, { attribution: layer.attribution, maxNativeZoom: layer.zoom, maxZoom: 18, noWrap: true });
    if (layer.type === 'wms') {
      return L.tileLayer.wms(layer.url, { layers: layer.wms, format: 'image/png', transparent: true, attribution: layer.attribution, maxZoom: 18 });
    }
    if (layer.type === 'raster') {
      return L.tileLayer(here(layer.url), { attribution: layer.attribution, maxNativeZoom: layer.zoom, maxZoom: 18, noWrap: true });
    }
    var P = window.protomapsL, how = OWN[layer.style] || OWN.boundaries, rule = { dataLayer: layer.layer }, paint = [], text = [];
    if (how[0] === 'area') paint.push(Object.assign({ symbolizer: new P.PolygonSymbolizer({ fill: ink[how[1]] }) }, rule));
    if (how[0] === 'line') {
      var wide = how[2].map(function (s) { return [s[0], s[1] + 1.2]; });
      if (layer.style === 'roads') paint.push(Object.assign({ symbolizer: new P.LineSymbolizer({ color: ink.casing, width: at(wide) }) }, rule));
      paint.push(Object.assign({ symbolizer: new P.LineSymbolizer({ color: ink[how[1]], width: at(how[2]) }) }, rule));
      text.push(Object.assign({ minzoom: 15, symbolizer: new P.LineLabelSymbolizer({
        labelProps: ['name', 'name1', 'road_name'], font: '500 11px ' + FONT, fill: ink.quiet, stroke: ink.halo, width: 3 }) }, rule));
    }
    if (how[0] === 'text') {
      text.push(Object.assign({ symbolizer: new P.CenteredTextSymbolizer({
        labelProps: ['name', 'name1'], font: '500 12px ' + FONT, fill: ink.text, stroke: ink.halo, width: 3 }) }, rule));
    }
    return P.leafletLayer({ url: here(layer.url), maxDataZoom: layer.zoom, paintRules: paint, labelRules: text, attribution: layer.attribution, maxZoom: 18, noWrap: true });
  }

  function page(root) {                 // the frame is a page of its own to a screen reader, and may be zoomed
    document.querySelectorAll('meta[name="viewport"]').forEach(function (view) { view.setAttribute('content', 'width=device-width, initial-scale=1'); });
    if (root.parentElement !== document.body) root.parentElement.setAttribute('role', 'main');
    if (document.querySelector('h1')) return;
    var title = document.createElement('h1');
    title.className = 'hs-unseen';
    title.textContent = 'Map';
    root.parentElement.insertBefore(title, root);
  }

  function attach(map, options) {
    var drawn = null, layers = [], ground = {};
    var root = map.getContainer();
    if (!known.length) page(root);
    // Leaflet focuses the map at a press; scrolled into view by that, it would be let go of somewhere else, and the first click lost
    root.focus = function () { HTMLElement.prototype.focus.call(root, { preventScroll: true }); };
    map.attributionControl.setPrefix(false);
    map.createPane('own').style.zIndex = 250;
    ground.options = options;
    ground.theme = function (name) {
      if (drawn === name) return;
      drawn = name;
      layers.forEach(function (layer) { map.removeLayer(layer); });
      map.getContainer().style.background = options.kind === 'demo' ? INK[name].sea : INK[name].land;   // real ground has no sea until its coast is there
      layers = options.kind === 'demo' ? demo(INK[name], options) : window.ScopingGround.layers(map, INK[name], name, options, FONT);
      (options.own || []).forEach(function (layer) { layers.push(own(layer, INK[name])); });
      layers.forEach(function (layer) { layer.addTo(map); });
    };
    known.push([map, ground]);
    return ground;
  }
  var known = [];
  function of(map) {
    var found = known.filter(function (pair) { return pair[0] === map; })[0];
    return found ? found[1] : null;
  }

  function follow(redraw) {
    var dark = window.matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', function () { redraw(dark.matches ? 'dark' : 'light'); });
  }

  window.ScopingBasemap = { attach: attach, of: of, follow: follow };
})();
