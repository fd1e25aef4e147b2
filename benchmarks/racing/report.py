"""The benchmark's tables in Markdown, and its plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def show(result: dict[str, Any]) -> None:
    """Print every part of a result."""
    for race in result["races"]:
        print(f"\n**{race['points']:,} points on {race['sites']:,} sites, {race['window']}: {race['windows']:,} windows, "
              f"{race['visits']:,} visits, eps {race['eps_m']:g} m, {race['clusters']:,} clusters**\n\n"
              "| | CPU s | wall s | CPU, times the engine | wall, times the engine | peak MB | windows that differ |\n"
              "|---|---|---|---|---|---|---|")
        for name, run in race["runs"].items():
            differ = f"{run['differ']} of {run['windows']}" if "differ" in run else ""
            print(f"| {name} | {run['cpu_s']:.3f} | {run['wall_s']:.3f} | {run['ratio']:.1f} | {run['wall_ratio']:.1f} | "
                  f"{run['peak_mb']} | {differ} |")
    for key, what in (("growth", "points"), ("growth_eps", "eps")):
        if result.get(key):
            print(f"\nThe engine's CPU grows as {what} to the power of: "
                  + ", ".join(f"{name} {power}" for name, power in result[key].items()))
    for row in result.get("answers", []):
        print(f"\n**{row['points']:,} points, {row['windows']} windows ({row['window']}), distinct children: "
              "a dial is turned**\n\n| answer | CPU s | wall s |\n|---|---|---|")
        for name, run in row.items():
            if isinstance(run, dict):
                print(f"| {name} | {run['cpu_s']:.4f} | {run['wall_s']:.4f} |")
    if piles := result.get("coincident"):
        names = list(piles[0]["runs"])
        print("\n| points on one site | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
        for row in piles:
            runs = [row["runs"].get(name) for name in names]
            each = [f"{run['cpu_s']:.4f} s, {run['peak_mb']} MB" if run else "not run" for run in runs]
            print(f"| {row['points']:,} | " + " | ".join(each) + " |")
    for key in ("by_windows", "by_eps"):
        for row in result.get(key, []):
            print(f"100,000 points, {row['window']}: {row['windows']} windows, eps {row['eps_m']:g} m: {row['cpu_s']} s CPU")


def plot(result: dict[str, Any], folder: Path) -> None:
    """engine-points.png: time by points, a panel a scheme. engine-dials.png: by windows, by eps, by points on one site."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    schemes = list(dict.fromkeys(race["window"] for race in result["races"]))
    figure, panels = pyplot.subplots(1, len(schemes), figsize=(4.2 * len(schemes), 4.2), sharey=True, layout="constrained",
                                     squeeze=False)
    for panel, scheme in zip(panels[0], schemes, strict=True):
        lines: dict[str, list[tuple[float, float]]] = {}
        for race in result["races"]:
            if race["window"] == scheme:
                for name, run in race["runs"].items():
                    if run["cpu_s"] > 0:  # of another process it is told in hundredths
                        lines.setdefault(name, []).append((race["points"], run["cpu_s"]))
        for name, line in lines.items():
            _line(panel, name, line)
        _scales(panel, scheme, "points")
    panels[0][0].set_ylabel("CPU seconds, all windows")
    named: dict[str, Any] = {}
    for panel in panels[0]:
        named |= dict(zip(*reversed(panel.get_legend_handles_labels()), strict=True))
    figure.legend(named.values(), named.keys(), fontsize=8, ncols=5, loc="outside lower center")
    figure.savefig(folder / "engine-points.png", dpi=110)
    if result.get("by_windows"):
        figure, panels = pyplot.subplots(1, 3, figsize=(12.6, 4), layout="constrained")
        _line(panels[0], "engine", [(row["windows"], row["cpu_s"]) for row in result["by_windows"]])
        _scales(panels[0], "100,000 points, 90 days stepped 28 to 1", "windows")
        _line(panels[1], "engine", [(row["eps_m"], row["cpu_s"]) for row in result["by_eps"]])
        _scales(panels[1], "100,000 points, 90 days stepped 7", "eps, m")
        for name in result["coincident"][0]["runs"]:
            held = [row for row in result["coincident"] if name in row["runs"]]
            _line(panels[2], name, [(row["points"], row["runs"][name]["cpu_s"]) for row in held])
        _scales(panels[2], "one window, points on one site", "points on one site")
        panels[2].legend(fontsize=7)
        panels[0].set_ylabel("CPU seconds")
        figure.savefig(folder / "engine-dials.png", dpi=110)


def _line(panel: Any, name: str, line: list[tuple[float, float]]) -> None:
    ours = name.startswith("engine")
    panel.plot(*zip(*sorted(line), strict=True), marker="o", markersize=4, label=name, linewidth=2.4 if ours else 1.2,
               color="black" if name == "engine" else None, linestyle="--" if ours and name != "engine" else "-")


def _scales(panel: Any, title: str, across: str) -> None:
    panel.set(xscale="log", yscale="log", title=title, xlabel=across)
    panel.grid(visible=True, which="major", alpha=0.3)
