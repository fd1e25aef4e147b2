/* The ground of real places, made from the gazetteer alone: built-up texture, coast and districts, place names.
 *
 * ScopingGround.layers(map, ink, theme, options, font) gives the layers, the lowest first.
 */
(function () {
  'use strict';

  var places = null, outlines = null;

  function here(path) { return window.location.origin + path; }
  function fetched(path, then) { fetch(here(path)).then(function (r) { if (!r.ok) throw new Error(path + ' ' + r.status); return r.json(); }).then(then); }

  var Texture = L.GridLayer.extend({
    createTile: function (coords, done) {
      var tile = document.createElement('img');
      tile.alt = '';
      tile.onload = tile.onerror = function () { done(null, tile); };
      tile.src = here('/basemap/texture/' + this.options.theme + '/' + coords.z + '/' + coords.x + '/' + coords.y + '.png');
      return tile;
    }
  });

  // Else Leaflet moves each tile and each badge in three dimensions, and each is a layer that, without a graphics card, every
  // step of the page puts together anew: eighty of them. What is dragged and zoomed is still moved as one (map.css).
  L.Browser.ie3d = true;

  function pane(map, name, order) {
    if (map.getPane(name)) return;
    map.createPane(name).style.zIndex = order;
    map.getPane(name).style.pointerEvents = 'none';
  }

  var Outlines = L.Layer.extend({    // land under the texture; district borders above it
    initialize: function (ink, options) { this.ink = ink; this.parts = L.featureGroup(); this.attribution = options.attribution; },
    onAdd: function (map) {
      pane(map, 'land', 150); pane(map, 'borders', 260);
      this.parts.addTo(map);
      if (outlines) this.draw();
      else fetched('/basemap/outlines.json', function (found) { outlines = found; if (this._map) this.draw(); }.bind(this));
    },
    onRemove: function () { this.parts.remove(); },
    draw: function () {
      var ink = this.ink, plain = { interactive: false, smoothFactor: 1.2 };
      this.parts.clearLayers();
      if (outlines.land.length) this._map.getContainer().style.background = ink.ground;
      this.parts.addLayer(L.polygon(outlines.land, Object.assign({
        pane: 'land', renderer: L.canvas({ pane: 'land', padding: 0.4 }), stroke: true, color: ink.coast, weight: 1, fillColor: ink.land, fillOpacity: 1 }, plain)));
      this.parts.addLayer(L.polyline(outlines.borders, Object.assign({
        pane: 'borders', renderer: L.canvas({ pane: 'borders', padding: 0.4 }), color: ink.border, weight: 1.1, dashArray: '6 4', opacity: 0.8 }, plain)));
    }
  });

  var Names = L.Layer.extend({       // one canvas over the view: no label is cut at a tile's edge
    initialize: function (ink, font) { this.ink = ink; this.font = font; },
    onAdd: function (map) {
      pane(map, 'names', 380);
      this.canvas = L.DomUtil.create('canvas', 'leaflet-zoom-hide', map.getPane('names'));
      map.on('moveend zoomend resize', this.draw, this);
      if (places) this.draw();
      else fetched('/basemap/labels.json', function (found) {
        places = found.map(function (p) { return { name: p[0], lat: p[1], lon: p[2], population: p[3], kind: p[4] || '' }; });
        this.draw();
      }.bind(this));
    },
    onRemove: function (map) { this.canvas.remove(); map.off('moveend zoomend resize', this.draw, this); },
    draw: function () {
      if (!places || !this._map) return;
      var map = this._map, size = map.getSize(), ratio = window.devicePixelRatio || 1, pen = this.canvas.getContext('2d');
      var taken = [], z = map.getZoom(), ink = this.ink, font = this.font, lift = z < 12.5 ? 18 : 0;
      L.DomUtil.setPosition(this.canvas, map.containerPointToLayerPoint([0, 0]));
      this.canvas.width = size.x * ratio; this.canvas.height = size.y * ratio;
      this.canvas.style.width = size.x + 'px'; this.canvas.style.height = size.y + 'px';
      pen.scale(ratio, ratio);
      pen.textAlign = 'center'; pen.textBaseline = 'middle'; pen.lineJoin = 'round'; pen.lineWidth = 3.5; pen.strokeStyle = ink.halo;
      var least = z < 8 ? 150000 : z < 9 ? 50000 : z < 11 ? 15000 : z < 12 ? 4000 : 0, bounds = map.getBounds().pad(0.05);
      places.forEach(function (p) {              // largest first, stations last
        var station = p.kind === 'station';
        if (station ? z < 13 : p.population < least) return;
        if (!bounds.contains([p.lat, p.lon])) return;
        var big = p.population >= 50000, spot = map.latLngToContainerPoint([p.lat, p.lon]);
        pen.font = (station ? 'italic 500 11px ' : big ? '650 14px ' : p.population >= 8000 ? '600 12.5px ' : '500 11.5px ') + font;
        var y = spot.y - (station ? -11 : lift), half = pen.measureText(p.name).width / 2 + 5, box = [spot.x - half, y - 10, spot.x + half, y + 10];
        if (taken.some(function (t) { return box[0] < t[2] && box[2] > t[0] && box[1] < t[3] && box[3] > t[1]; })) return;
        taken.push(box);
        if (station) { pen.fillStyle = ink.rail; pen.fillRect(spot.x - 3, spot.y - 3, 6, 6); }
        pen.strokeText(p.name, spot.x, y);
        pen.fillStyle = big ? ink.town : station ? ink.quiet : ink.text;
        pen.fillText(p.name, spot.x, y);
      });
    }
  });

  function layers(map, ink, theme, options, font) {
    return [
      new Outlines(ink, options),
      new Texture({ theme: theme, minNativeZoom: 5, maxNativeZoom: 16, maxZoom: 18, attribution: options.attribution, noWrap: true }),
      new Names(ink, font)
    ];
  }

  window.ScopingGround = { layers: layers };
})();
