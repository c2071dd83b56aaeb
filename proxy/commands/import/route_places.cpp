#include "proxy/commands/import/route_places.hpp"

namespace bearward::proxy::commands::importing {
namespace {

/// The prefix whose route takes what begins so and goes on within the segment.
std::string owner_of(const std::string& text, const places& known) {
    for (std::size_t slash = text.rfind('/'); slash != std::string::npos && slash > 0; slash = text.rfind('/', slash - 1)) {
        if (known.all.contains({text.substr(0, slash), false})) {
            return text.substr(0, slash);
        }
    }
    return "";
}

} // namespace

places find_places(const std::vector<site>& sites) {
    places found;
    std::set<std::string> half;
    for (const site& each : sites) {
        for (const path_pattern& one : each.patterns) {
            std::string text = one.text;
            if (one.type == path_pattern::kind::exact) {
                found.all.insert({text, true});
            } else if (one.type == path_pattern::kind::unknown) {
                found.all.insert({folder_of(text), false});
            } else {
                const bool whole = text.ends_with('/');
                text.resize(text.size() - (whole ? 1 : 0));
                found.all.insert({text, false});
                if (!whole && one.type == path_pattern::kind::prefix) {
                    half.insert(text);
                    found.all.insert({folder_of(text), false}); // so that no more than this is as strict as what begins so
                }
            }
        }
    }
    for (const std::string& each : half) {
        found.half_by_owner.emplace(owner_of(each, found), each);
    }
    std::erase_if(found.all, [&](const place& each) {
        const std::string without = each.path.substr(0, each.path.size() - (each.path.ends_with('/') ? 1 : 0));
        const bool twin = each.exact && without != each.path && found.all.contains({without, true});
        return twin && found.twins.insert(without).second;
    });
    return found;
}

} // namespace bearward::proxy::commands::importing
