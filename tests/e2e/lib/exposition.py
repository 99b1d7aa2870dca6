# SPDX-License-Identifier: BSD-2-Clause
"""Prometheus' text format 0.0.4, read strictly; and the table of metrics in the manual."""
import os
import re

_MANUAL = os.path.join(os.path.dirname(__file__), "..", "..", "..", "man", "relayguard.8")
_SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})?'
                     r' (-?[0-9]+(?:\.[0-9]+)?)')
_LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\[\\"n])*)"')


class Wrong(Exception):
    """The text breaks a rule."""


def documented():
    """{name: (type, set of labels)} of the manual's section METRICS."""
    with open(_MANUAL, encoding="utf-8") as file:
        text = re.search(r"^\.Sh METRICS\n(.*?)^\.Sh ", file.read(), re.M | re.S).group(1)
    found = {}
    for name, kind, labels in re.findall(
            r"^\.It Cm (\S+)\nA (\w+)(?:\.$|, by\n\.Li (.*) \.$)", text, re.M):
        found[name] = (kind, set(labels.replace(",", " ").split()))
    return found


def _labels(text):
    pairs = _LABEL.findall(text or "")
    labels = dict(pairs)
    if len(labels) != len(pairs):
        raise Wrong(f"a label twice: {text}")
    return labels


def _family_of(sample, families):
    for suffix in ("_bucket", "_sum", "_count", ""):
        name = sample[:len(sample) - len(suffix)] if sample.endswith(suffix) else None
        if name in families and (families[name]["type"] == "histogram") == (suffix != ""):
            return name
    raise Wrong(f"{sample} has no family")


def _check_histogram(name, samples):
    rows = {}
    for (sample, labels), value in samples.items():
        rest = tuple(pair for pair in labels if pair[0] != "le")
        row = rows.setdefault(rest, {"buckets": []})
        if sample == name + "_bucket":
            row["buckets"].append((float(dict(labels)["le"].replace("+Inf", "inf")), value))
        else:
            row[sample] = value
    for labels, row in rows.items():
        bounds = [bound for bound, _ in row["buckets"]]
        counts = [count for _, count in row["buckets"]]
        if bounds != sorted(set(bounds)) or counts != sorted(counts):
            raise Wrong(f"{name} {labels}: buckets are not cumulative")
        if bounds[-1:] != [float("inf")] or counts[-1] != row.get(name + "_count"):
            raise Wrong(f"{name} {labels}: +Inf is not the count")
        if name + "_sum" not in row:
            raise Wrong(f"{name} {labels}: no sum")


def parse(text):
    """{family: {"type": ..., "samples": {(name, labels as sorted pairs): value}}}."""
    if not text.endswith("\n"):
        raise Wrong("no newline at the end")
    families, current = {}, None
    lines = text.split("\n")[:-1]
    for i, line in enumerate(lines):
        if line.startswith("# HELP "):
            current = line.split(" ", 3)[2]
            if current in families:
                raise Wrong(f"{current} comes twice")
            following = lines[i + 1].split(" ") if i + 1 < len(lines) else []
            if following[:3] != ["#", "TYPE", current] or len(line.split(" ", 3)) != 4:
                raise Wrong(f"{current}: HELP, then TYPE")
            families[current] = {"type": following[3], "samples": {}}
        elif not line.startswith("# TYPE "):
            match = _SAMPLE.fullmatch(line)
            if not match:
                raise Wrong(f"no sample: {line!r}")
            if _family_of(match.group(1), families) != current:
                raise Wrong(f"{match.group(1)} is not with its family")
            key = (match.group(1), tuple(sorted(_labels(match.group(2)).items())))
            if key in families[current]["samples"]:
                raise Wrong(f"{key} comes twice")
            families[current]["samples"][key] = float(match.group(3))
    for name, family in families.items():
        if not family["samples"]:
            raise Wrong(f"{name} has no sample")
        if family["type"] == "histogram":
            _check_histogram(name, family["samples"])
    return families
