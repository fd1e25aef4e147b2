/* WGS84 to the National Grid in the browser, to a few metres: for the coordinates under the pointer.
 *
 * Helmert transformation and the Transverse Mercator series of Ordnance Survey's "A guide to coordinate systems in
 * Great Britain", annexes B and C. The analysis uses geo_data.grid; a test holds the two together.
 */
(function () {
  'use strict';

  function cartesian(lat, lon, a, b) {
    var e2 = 1 - b * b / (a * a), v = a / Math.sqrt(1 - e2 * Math.pow(Math.sin(lat), 2));
    return [v * Math.cos(lat) * Math.cos(lon), v * Math.cos(lat) * Math.sin(lon), v * (1 - e2) * Math.sin(lat)];
  }
  function geodetic(p, a, b) {
    var e2 = 1 - b * b / (a * a), r = Math.sqrt(p[0] * p[0] + p[1] * p[1]), lat = Math.atan2(p[2], r * (1 - e2));
    for (var i = 0; i < 6; i += 1) lat = Math.atan2(p[2] + e2 * a / Math.sqrt(1 - e2 * Math.pow(Math.sin(lat), 2)) * Math.sin(lat), r);
    return [lat, Math.atan2(p[1], p[0])];
  }
  function shifted(p) {          // WGS84 to OSGB36
    var s = 1 + 20.4894e-6, sec = Math.PI / 648000, rx = -0.1502 * sec, ry = -0.2470 * sec, rz = -0.8421 * sec;
    return [-446.448 + s * p[0] - rz * p[1] + ry * p[2], 125.157 + rz * p[0] + s * p[1] - rx * p[2], -542.06 - ry * p[0] + rx * p[1] + s * p[2]];
  }
  function project(lat, lon) {
    var a = 6377563.396, b = 6356256.909, f0 = 0.9996012717, lat0 = 49 * Math.PI / 180, lon0 = -2 * Math.PI / 180;
    var n = (a - b) / (a + b), e2 = 1 - b * b / (a * a), s = Math.sin(lat), c = Math.cos(lat), t2 = Math.pow(Math.tan(lat), 2);
    var v = a * f0 / Math.sqrt(1 - e2 * s * s), rho = a * f0 * (1 - e2) / Math.pow(1 - e2 * s * s, 1.5), eta2 = v / rho - 1;
    var d = lat - lat0, u = lat + lat0;
    var m = b * f0 * ((1 + n + 1.25 * n * n + 1.25 * n * n * n) * d - (3 * n + 3 * n * n + 21 / 8 * n * n * n) * Math.sin(d) * Math.cos(u)
      + (15 / 8 * n * n + 15 / 8 * n * n * n) * Math.sin(2 * d) * Math.cos(2 * u) - 35 / 24 * n * n * n * Math.sin(3 * d) * Math.cos(3 * u));
    var l = lon - lon0;
    var north = m - 100000 + v / 2 * s * c * l * l + v / 24 * s * c * c * c * (5 - t2 + 9 * eta2) * Math.pow(l, 4)
      + v / 720 * s * Math.pow(c, 5) * (61 - 58 * t2 + t2 * t2) * Math.pow(l, 6);
    var east = 400000 + v * c * l + v / 6 * c * c * c * (v / rho - t2) * Math.pow(l, 3)
      + v / 120 * Math.pow(c, 5) * (5 - 18 * t2 + t2 * t2 + 14 * eta2 - 58 * t2 * eta2) * Math.pow(l, 5);
    return [east, north];
  }
  function bng(lat, lon) {       // degrees -> [easting, northing] in metres
    var k = Math.PI / 180, p = shifted(cartesian(lat * k, lon * k, 6378137, 6356752.3142)), at = geodetic(p, 6377563.396, 6356256.909);
    return project(at[0], at[1]);
  }
  function reference(lat, lon) { // "NZ 123 456", to 100 m; '' outside the grid
    var p = bng(lat, lon), e = Math.floor(p[0] / 100000), n = Math.floor(p[1] / 100000);
    if (e < 0 || e > 6 || n < 0 || n > 12) return '';
    var first = 19 - n - (19 - n) % 5 + Math.floor((e + 10) / 5), second = (19 - n) * 5 % 25 + e % 5;
    function letter(i) { return String.fromCharCode(65 + i + (i > 7 ? 1 : 0)); }
    function three(m) { return ('00' + Math.floor(m % 100000 / 100)).slice(-3); }
    return letter(first) + letter(second) + ' ' + three(p[0]) + ' ' + three(p[1]);
  }

  window.ScopingGrid = { bng: bng, reference: reference };
})();
