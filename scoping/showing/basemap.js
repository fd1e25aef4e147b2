/* The ground under the hotspots: quiet, local, in two themes.
 *
 * ScopingBasemap.attach(map, options) keeps the options; theme('light' | 'dark') draws.
 *   kind 'demo'   the invented county, vector tiles from /basemap/demo/<layer>.pmtiles, drawn by protomaps-leaflet
 *   kind 'real'   the built-up texture from /basemap/texture/z/x/y.png and place names from /basemap/labels.json
 * Addresses are absolute, because the map lives in a frame of its own, and always this server's.
 */
(function () {
  'use strict';

  var FONT = '"Segoe UI", system-ui, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif';
  var INK = {
    light: {
      sea: '#d5e2ea', land: '#f5f3ee', water: '#c3d7e3', green: '#dfe8d3', built: '#e9e5dd', block: '#ddd8ce', rail: '#a9a49a',
      casing: '#d3cdc1', street: '#ffffff', main: '#ffffff', trunk: '#f7e7c4', text: '#4a5059', town: '#262c34', quiet: '#6d747d',
      watertext: '#55798f', greentext: '#5c7549', halo: 'rgba(250,249,246,.92)'
    },
    dark: {
      sea: '#131a22', land: '#1f252d', water: '#16222d', green: '#212d28', built: '#272d36', block: '#2f3640', rail: '#59616c',
      casing: '#181d24', street: '#39414c', main: '#454e5a', trunk: '#574f3d', text: '#b4bcc6', town: '#e2e6ec', quiet: '#8b949f',
      watertext: '#7fa3bb', greentext: '#8aa77d', halo: 'rgba(20,24,31,.92)'
    }
  };
  var map = null, options = null, drawn = null, layers = [], places = null;

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
  function demo(ink) {
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
        text('labels', 16, ink.town, 650, { filter: kind('city') }),
        text('labels', 14, ink.town, 600, { filter: kind('town') }),
        text('labels', 12, ink.text, 500, { filter: kind('village'), minzoom: 10 }),
        source('roads', { minzoom: 15, symbolizer: new P.LineLabelSymbolizer({ labelProps: ['name'], font: '500 11px ' + FONT, fill: ink.quiet, stroke: ink.halo, width: 3 }) })
      ]
    })];
  }

  // ------------------------------------------------------------------ real places
  var Texture = L.GridLayer.extend({
    createTile: function (coords, done) {
      var tile = document.createElement('img');
      tile.alt = '';
      tile.onload = function () { done(null, tile); };
      tile.onerror = function () { done(null, tile); };
      tile.src = here('/basemap/texture/' + this.options.theme + '/' + coords.z + '/' + coords.x + '/' + coords.y + '.png');
      return tile;
    }
  });
  var Names = L.Layer.extend({   // one canvas over the view: no label is cut at a tile's edge
    initialize: function (ink) { this.ink = ink; },
    onAdd: function (m) {
      this.canvas = L.DomUtil.create('canvas', 'leaflet-zoom-hide', m.getPane('names'));
      m.on('moveend zoomend resize', this.draw, this);
      this.draw();
    },
    onRemove: function (m) { this.canvas.remove(); m.off('moveend zoomend resize', this.draw, this); },
    draw: function () {
      if (!places || !this._map) return;
      var size = map.getSize(), ratio = window.devicePixelRatio || 1, pen = this.canvas.getContext('2d'), taken = [], z = map.getZoom(), ink = this.ink;
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      this.canvas.width = size.x * ratio; this.canvas.height = size.y * ratio;
      this.canvas.style.width = size.x + 'px'; this.canvas.style.height = size.y + 'px';
      pen.scale(ratio, ratio);
      pen.textAlign = 'center'; pen.textBaseline = 'middle'; pen.lineJoin = 'round'; pen.lineWidth = 3.5; pen.strokeStyle = ink.halo;
      var least = z < 8 ? 150000 : z < 9 ? 50000 : z < 11 ? 15000 : z < 12 ? 4000 : 0, bounds = map.getBounds().pad(0.05);
      places.forEach(function (p) {              // largest first
        if (p.population < least || !bounds.contains([p.lat, p.lon])) return;
        var big = p.population >= 50000, spot = map.latLngToContainerPoint([p.lat, p.lon]);
        pen.font = (big ? '650 14px ' : p.population >= 8000 ? '600 12.5px ' : '500 11.5px ') + FONT;
        var half = pen.measureText(p.name).width / 2 + 5, box = [spot.x - half, spot.y - 10, spot.x + half, spot.y + 10];
        if (taken.some(function (t) { return box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]; })) return;
        taken.push(box);
        pen.strokeText(p.name, spot.x, spot.y);
        pen.fillStyle = big ? ink.town : ink.text;
        pen.fillText(p.name, spot.x, spot.y);
      });
    }
  });
  function real(ink, name) {
    if (!map.getPane('names')) { map.createPane('names').style.zIndex = 380; map.getPane('names').style.pointerEvents = 'none'; }
    var names = new Names(ink);
    if (!places) {
      fetch(here('/basemap/labels.json')).then(function (r) { return r.json(); }).then(function (found) {
        places = found.map(function (p) { return { name: p[0], lat: p[1], lon: p[2], population: p[3] }; });
        names.draw();
      });
    }
    return [new Texture({ theme: name, minNativeZoom: 5, maxNativeZoom: 16, maxZoom: 18, attribution: options.attribution, noWrap: true }), names];
  }

  function theme(name) {
    if (!map || drawn === name) return;
    drawn = name;
    layers.forEach(function (layer) { map.removeLayer(layer); });
    map.getContainer().style.background = options.kind === 'demo' ? INK[name].sea : INK[name].land;
    layers = (options.kind === 'demo' ? demo : real)(INK[name], name);
    layers.forEach(function (layer) { layer.addTo(map); });
  }

  window.ScopingBasemap = {
    attach: function (m, o) { map = m; options = o; map.attributionControl.setPrefix(false); },
    theme: theme
  };
})();
