"""Turns rounds into a table of ratios, bench/RESULTS.md and its picture."""

import datetime
import pathlib
import statistics

FOLDER = pathlib.Path(__file__).resolve().parents[1]
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def median(rounds, contestant, key):
    return statistics.median(each[contestant][key] for each in rounds)


def amount(microseconds):
    return f"{microseconds / 1e6:.2f} s" if microseconds > 1e5 else f"{microseconds:.1f}"


class Report:
    def __init__(self, options, versions):
        self.options = options
        self.versions = versions
        self.lines = ["| scenario | proxy | CPU us (user) | ratio | aim | | per second | p50 / p99 us |", "| --- | --- | --- | --- | --- | --- | --- | --- |"]
        self.bars = []  # (scenario, [(contestant, ratio)])
        self.others = []
        print(f"{'scenario':<10} {'proxy':<22} {'CPU us':>9} {'user':>7} {'ours/its':>9} {'aim':>6}      {'per second':>10} {'p50':>8} {'p99':>8}")

    def row(self, scenario, contestant, cpu, user, ratio, aim, met, rate, latency):
        mark = "" if met is None else ("met" if met else "missed")
        shown = f"{ratio:.2f}" if ratio else ""
        both = f"{cpu} ({user})" if user else cpu
        self.lines.append(f"| {scenario} | {contestant} | {both} | {shown} | {aim} | {mark} | {rate} | {latency} |")
        print(f"{scenario:<10} {contestant:<22} {cpu:>9} {user:>7} {shown:>9} {aim:>6} {mark:<6} {rate:>8} {latency:>17}", flush=True)

    def add(self, scenario, rounds):
        ours = scenario.contestants[0]
        bars = []
        best_tail = min((median(rounds, each, "p99") for each in scenario.contestants[1:3]), default=0)
        for contestant in scenario.contestants:
            ratio, aim, met = None, "", None
            user = median(rounds, contestant, "user")
            if contestant != ours:
                ratio = statistics.median(each[ours]["cpu"] / each[contestant]["cpu"] for each in rounds)
                if not contestant.startswith("bearward"):  # the picture is of the others
                    bars.append((contestant, ratio))
                if contestant in scenario.targets:
                    aim = f"{scenario.targets[contestant]}"
                    met = ratio <= scenario.targets[contestant]
            elif scenario.user:
                aim, met = f"user {scenario.user}", user <= scenario.user
            self.row(scenario.name, contestant, amount(median(rounds, contestant, "cpu")), amount(user), ratio, aim, met,
                     f"{median(rounds, contestant, 'rate'):.0f}",
                     f"{median(rounds, contestant, 'p50'):.0f} / {median(rounds, contestant, 'p99'):.0f}")
        if scenario.tail:
            tail = median(rounds, ours, "p99") / best_tail
            self.row(scenario.name, "p99 to the better one's", "", "", tail, "1.2", tail <= 1.2, "", "")
        if scenario.per == "body":
            grown = max(each[ours]["grown"] for each in rounds)
            self.row(scenario.name, "memory grown, KiB", f"{grown}", "", None, "4096", grown < 4096, "", "")
        self.bars.append((scenario.what, bars))
        self.others += [one["others"] for each in rounds for one in each.values()]

    def add_memory(self, what, kib, target):
        for contestant, value in kib.items():
            ratio = kib["bearward"] / value if contestant != "bearward" and value > 0 else None
            aimed = contestant == "haproxy" and ratio is not None
            self.row(what, contestant, f"{value:.2f} KiB", "private", ratio, str(target) if aimed else "",
                     ratio <= target if aimed else None, "", "")

    def add_calls(self, what, calls, target):
        for contestant, (total, by_name) in calls.items():
            ours = contestant == "bearward"
            most = ", ".join(f"{name} {count:.2f}" for name, count in sorted(by_name.items(), key=lambda each: -each[1])[:6] if count > 0.01)
            self.row(f"system calls {what}", contestant, f"{total:.2f}", "", None, str(target) if ours else "", total <= target if ours else None,
                     "", most)

    def picture(self):
        import matplotlib
        matplotlib.use("svg")
        import matplotlib.pyplot as plt
        shown = [(what, bars) for what, bars in self.bars if bars]
        if not shown:
            return
        colours = {"haproxy": "#4878a8", "nginx": "#5fa05f"}
        figure, axes = plt.subplots(figsize=(9, 0.55 * sum(len(bars) for _, bars in shown) ** 0.95 + 1.5))
        place, ticks, labels = 0.0, [], []
        for what, bars in shown:
            ticks.append(place + (len(bars) - 1) / 2)
            labels.append(what)
            for contestant, ratio in bars:
                axes.barh(place, ratio, height=0.85, color=colours[contestant.split()[0]])
                axes.text(ratio + 0.01, place, f"{ratio:.2f} of {contestant}", va="center", fontsize=7)
                place += 1
            place += 0.7
        axes.axvline(1, color="black", linewidth=0.8)
        axes.set_yticks(ticks, labels, fontsize=8)
        axes.invert_yaxis()
        axes.set_xlabel("CPU time of Bearward as a part of the other proxy's (less is better)")
        figure.tight_layout()
        figure.savefig(FOLDER / "results.svg", metadata={"Date": None})

    def finish(self):
        date = datetime.date.today().isoformat()
        quiet = f"Other load on the machine beside a round: median {statistics.median(self.others):.2f} CPUs, most {max(self.others):.2f}." if self.others else ""
        print(quiet)
        if self.options.no_results or self.options.only:
            return
        head = (f"Measured {date}: {self.options.rounds} interleaved rounds of {self.options.seconds} s, medians; "
                f"{', '.join(self.versions.values())}. One worker each, pinned to one core; load and upstream on another. {quiet}")
        self.picture()
        path = FOLDER / "RESULTS.md"
        text = path.read_text()
        before, rest = text.split(BEGIN, 1)
        after = rest.split(END, 1)[1]
        path.write_text(before + "\n".join([BEGIN, head, "", "![CPU of Bearward beside the others'](results.svg)", "", *self.lines, END]) + after)
