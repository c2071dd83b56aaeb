// Where in which file something was written, for messages.
#pragma once

#include <string>

namespace bearward::config {

/// Where something was written, for messages.
struct mark {
    std::string file;
    int line = 0;   ///< from 1; 0: nowhere
    int column = 0; ///< from 1
};

/// A mark and the path of the key there: "routes[2].providers[0]".
struct place {
    mark where;
    std::string path;

    /// Always: settings that say the same are equal, wherever they were written.
    friend bool operator==(const place&, const place&) noexcept { return true; }
};

/// A value that later checks may have to complain about.
template <class T>
struct located {
    T value{};
    place at;

    friend bool operator==(const located&, const located&) = default;
};
using located_text = located<std::string>;

} // namespace bearward::config
