#include "tests/simulation/shrink.hpp"

#include <algorithm>
#include <cctype>

namespace bearward::simulation {
namespace {

/// A fault without the numbers of this run.
std::string kind_of(std::string fault) {
    std::erase_if(fault, [](unsigned char each) { return std::isdigit(each) != 0; });
    if (const auto request = fault.find("): "); request != std::string::npos) {
        fault.erase(0, request);
    }
    return fault;
}

bool shows(const scenario& what, const std::string& kind) {
    const auto result = run(what);
    return std::ranges::any_of(result.faults, [&](const std::string& each) { return kind_of(each) == kind; });
}

} // namespace

scenario shrink(const scenario& failing) {
    scenario smallest = failing;
    smallest.tracing = false;
    const auto first = run(smallest);
    if (first.faults.empty()) {
        return smallest;
    }
    const auto kind = kind_of(first.faults.front());
    const auto try_to = [&](auto change) {
        scenario smaller = smallest;
        change(smaller);
        if (shows(smaller, kind)) {
            smallest = smaller;
            return true;
        }
        return false;
    };
    try_to([](scenario& it) { it.calm = true; });
    for (bool again = true; again;) {
        again = false;
        for (auto actor = static_cast<unsigned>(first.cast.size()); actor-- > 0;) {
            again |= !smallest.without.contains(actor) && try_to([&](scenario& it) { it.without.insert(actor); });
        }
    }
    for (unsigned most = 1; most <= 4; ++most) {
        if (try_to([&](scenario& it) { it.most_requests = most; })) {
            break;
        }
    }
    return smallest;
}

std::string command_line(const scenario& what) {
    std::string text = "simulation --seed " + std::to_string(what.seed) + " --count 1";
    for (const unsigned actor : what.without) {
        text += (actor == *what.without.begin() ? " --without " : ",") + std::to_string(actor);
    }
    text += what.most_requests != 0 ? " --requests " + std::to_string(what.most_requests) : "";
    return text + (what.calm ? " --calm" : "") + " --trace";
}

} // namespace bearward::simulation
