// The files of credentials that count no longer. At the first reading a bad line is
// an error; of a file that is in force already a bad line must not stop the good
// ones, and an entry that has gone counts until a second reading, so that a file
// which is written in place un-revokes nobody.
#include "config/compile.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace bearward::config {
namespace {

using policies::tokens::revocation_list;

constexpr std::chrono::seconds absence{1};

const revocation_list* list_in_force(const revocations_in_force& before, const std::string& file) {
    const auto found = std::ranges::find(before.files, file);
    const auto index = static_cast<std::size_t>(found - before.files.begin());
    return found == before.files.end() ? nullptr : &before.rules->providers[index].rules.revoked;
}

/// Revoked credentials must not come back because a file could not be read.
revocation_list load_list(reading& state, const located_text& file, std::vector<std::string>& refused) {
    auto content = state.read_large_file(file.value);
    if (!content) {
        state.error(file.at, "can't read " + file.value + ": " + content.error());
        return {};
    }
    auto read = policies::tokens::parse_revocation_list(*content);
    const revocation_list* const earlier = list_in_force(state.in_force(), file.value);
    for (const auto& each : read.refused) {
        std::string line = file.value + ':' + std::to_string(each.line) + ": " + each.what;
        if (earlier != nullptr) {
            refused.push_back(std::move(line));
        } else {
            state.error(file.at, std::move(line));
        }
    }
    if (earlier != nullptr) {
        read.list.keep_departed(*earlier, std::chrono::steady_clock::now(), absence);
    }
    return std::move(read.list);
}

} // namespace

void load_revocations(reading& state, const settings& from, std::vector<policies::provider>& providers, configuration& made) {
    made.revocation_files.resize(providers.size());
    for (std::size_t index = 0; index < providers.size() && !state.offline(); ++index) {
        const auto& written = from.providers[index].revocation;
        if (written && !written->file.value.empty()) {
            made.revocation_files[index] = written->file.value;
            providers[index].rules.revoked = load_list(state, written->file, made.refused_revocation_lines);
        }
    }
}

} // namespace bearward::config
