// Names of one kind of thing, as indices.
#pragma once

#include "config/reading.hpp"
#include "config/requirements.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace bearward::config {

class name_index {
public:
    name_index(std::string what, std::vector<std::string> names) : what_(std::move(what)), names_(std::move(names)) {
        for (std::size_t i = 0; i < names_.size(); ++i) {
            index_.emplace(names_[i], static_cast<std::uint32_t>(i));
        }
    }

    /// Complains about a name that isn't there, unless there are none at all and
    /// that is complained about already.
    [[nodiscard]] std::optional<std::uint32_t> find(reading& state, const located_text& name, bool silent_if_empty) const {
        const auto found = index_.find(name.value);
        if (found != index_.end()) {
            return found->second;
        }
        if (!name.value.empty() && !(silent_if_empty && names_.empty())) {
            state.error(name.at, name_not_found(what_, name.value, names_));
        }
        return std::nullopt;
    }

private:
    std::string what_;
    std::vector<std::string> names_;
    std::unordered_map<std::string, std::uint32_t> index_;
};

template <class T, class Name>
name_index make_index(std::string what, const std::vector<T>& from, Name name) {
    std::vector<std::string> names;
    names.reserve(from.size());
    for (const T& each : from) {
        names.push_back(name(each));
    }
    return {std::move(what), std::move(names)};
}

} // namespace bearward::config
