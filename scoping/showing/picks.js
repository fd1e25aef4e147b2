/* A small map to choose a place on: numbered candidates, and a pin where the map is clicked.
 *
 * ScopingPicks.attach(map) once; ScopingPicks.update(data) with every push:
 *   {theme, rev, label, places: [{lat, lon, name, radius}], chosen, pin: [lat, lon] or null}
 * Python hears {pick, lat, lon, event}: a candidate by its number, or a point. Names become text, never markup.
 */
(function () {
  'use strict';

  var map = null, marks = null, pin = null, seen = null, last = null, sent = 0;

  function tell(value) {
    if (!window.Streamlit) return;
    sent += 1;
    value.event = Date.now() + '-' + sent;
    window.Streamlit.setComponentValue(value);
  }
  function text(value) {
    var node = document.createElement('span');
    node.textContent = value;
    return node;
  }
  function disc(place, chosen) {
    return L.circle([place.lat, place.lon], { radius: place.radius, className: 'pk-disc' + (chosen ? ' pk-on' : ''), interactive: false });
  }
  function mark(place, index, chosen) {
    var node = text(String(index + 1)), made;
    made = L.marker([place.lat, place.lon], {
      icon: L.divIcon({ className: 'pk-mark' + (chosen ? ' pk-on' : ''), html: node, iconSize: [26, 26] }),
      alt: 'Candidate ' + (index + 1) + ': ' + place.name, keyboard: true
    });
    made.bindTooltip(text(place.name));
    made.on('click', function (e) { L.DomEvent.stopPropagation(e); tell({ pick: index }); });
    return made;
  }
  function view(data) {
    var all = L.latLngBounds([]);
    data.places.forEach(function (p) { all.extend(L.latLng(p.lat, p.lon).toBounds(2 * p.radius)); });
    if (data.places.length) map.fitBounds(all.pad(0.2), { maxZoom: 15, animate: false });
  }

  window.ScopingPicks = {
    attach: function (m) {
      map = m;
      window.ScopingBasemap.follow(function (name) { if (last) window.ScopingPicks.update(Object.assign({}, last, { theme: name })); });
      marks = L.layerGroup().addTo(map);
      map.getContainer().classList.add('hs-map', 'pk-map');
      L.control.zoom({ position: 'topright' }).addTo(map);
      map.on('click', function (e) { tell({ lat: e.latlng.lat, lon: e.latlng.lng }); });
    },
    update: function (data) {
      if (!map) return;
      last = data;
      window.ScopingBasemap.of(map).theme(data.theme);
      map.getContainer().classList.toggle('hs-dark', data.theme === 'dark');
      map.getContainer().setAttribute('aria-label', data.label);
      marks.clearLayers();
      data.places.forEach(function (p, i) { if (p.radius) marks.addLayer(disc(p, data.chosen === i)); });
      data.places.forEach(function (p, i) { marks.addLayer(mark(p, i, data.chosen === i)); });
      if (data.pin) {
        pin = L.marker(data.pin, { icon: L.divIcon({ className: 'pk-pin', iconSize: [20, 20] }), alt: 'Pin', interactive: false });
        marks.addLayer(pin);
      }
      if (seen !== data.rev) { seen = data.rev; view(data); }
    }
  };
})();
