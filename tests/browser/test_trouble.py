"""What goes wrong in a browser: two tabs, no WebGL, a connection that breaks, a hotspot that is not there any more."""

from tests.browser.watched import FRAME, frame_of

SAYS = "says => getComputedStyle(document.querySelector('.stApp'), '::after').content.includes(says)"


def test_two_tabs_do_not_disturb_each_other(opened, standing):
    first, second = opened, standing.watched.open(standing.url)
    k = frame_of(second).evaluate("() => HS.state().k")
    frame_of(first).evaluate("() => { HS.show(3); document.querySelector('.hs-slider').dispatchEvent(new Event('change')); }")
    first.get_by_role("button", name="Care").click()
    first.wait_for_timeout(1_500)
    assert frame_of(second).evaluate("() => HS.state().k") == k
    assert frame_of(first).evaluate("() => HS.state().k") != k
    second.close()


def test_the_map_needs_no_webgl(demo_url, watched):
    seen = watched()
    seen.context.add_init_script("""const get = HTMLCanvasElement.prototype.getContext;
      HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return /webgl/.test(kind) ? null : get.call(this, kind, ...more); };""")
    page = seen.open(demo_url)
    assert frame_of(page).evaluate("() => document.createElement('canvas').getContext('webgl')") is None
    frame_of(page).locator("path.hs-shape[tabindex='0']").first.wait_for()


def test_a_broken_connection_is_said_and_taken_up_again(demo_url, unwatched):
    page = unwatched.context.new_page()
    sockets, down = [], []

    def join(socket):
        if down:
            socket.close()
        else:
            sockets.append((socket, socket.connect_to_server()))

    page.route_web_socket("**/_stcore/stream", join)
    page.goto(demo_url)
    page.frame_locator(FRAME).locator(".hs-dock").wait_for()
    page.get_by_role("button", name="Care").wait_for()  # the map comes first, the filters after it
    down.append(True)
    for socket, server in list(sockets):
        server.close()
        socket.close()
    page.wait_for_function(SAYS, arg="The connection is lost")  # as long as it is away
    down.clear()
    page.wait_for_function(SAYS, arg="none")
    page.get_by_role("button", name="Care").click()
    frame = next(frame for frame in page.frames if "streamlit_folium" in frame.url)
    page.get_by_text("Only: care").wait_for()
    frame.wait_for_function("() => HS.state().core.data().feats.length > 0")
    assert len(sockets) >= 2  # it asked for a new one by itself


def test_a_hotspot_that_is_gone_is_said_and_the_rest_is_shown(demo_url, watched):
    page = watched().open(f"{demo_url}/?spot=H2401-ZZ")
    page.get_by_text("The hotspot H2401-ZZ is not in these results any more").wait_for()
    assert frame_of(page).evaluate("() => HS.state().selected") is None


def test_filters_that_leave_nothing_say_why(demo_url, watched):
    page = watched().open(f"{demo_url}/?least=20&eps=50", wait_for_map=False)
    page.get_by_text("No hotspots under these settings").wait_for(timeout=40_000)
    page.get_by_role("button", name="Reset filters").click()
    frame = page.frame_locator(FRAME)
    frame.locator("path.hs-shape").first.wait_for(state="attached", timeout=40_000)
