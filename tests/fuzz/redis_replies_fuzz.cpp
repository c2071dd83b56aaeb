// Any bytes as Redis' answers, cut anywhere (the first byte says how). What is read is the
// same however it is cut, is bounded, and a member that is understood is written as one that
// means the same.
#include "policies/tokens/revocation_entry.hpp"
#include "proxy/providers/redis_messages.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace bearward::policies::tokens;
using namespace bearward::proxy::providers;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::size_t count(const resp_value& value) {
    std::size_t all = 1;
    for (const resp_value& each : value.elements) {
        all += count(each);
    }
    return all;
}

void judge_member(const scored_member& from) {
    const auto read = parse_scored(from);
    if (!read) {
        require(!read.error().empty());
        return;
    }
    require(!read->entry.what.id.empty());
    const std::string written = to_member(read->entry);
    const auto again = parse_revocation_member(written);
    require(again && to_member(*again) == written);
    require(again->what.kind == read->entry.what.kind && again->what.id == read->entry.what.id);
    require(again->provider == read->entry.provider && again->before == read->entry.before);
    const auto score = parse_revocation_score(to_score(read->until));
    require(score && *score >= read->until);
}

void judge(const resp_value& value) {
    require(count(value) <= resp_reader::max_elements);
    if (const auto page = parse_page(value)) {
        std::ranges::for_each(page->members, judge_member);
    }
    if (const auto payload = find_payload(value, "bearward:revocations")) {
        if (const auto change = parse_change(*payload)) {
            judge_member(*change);
        }
    }
}

/// How many replies there are, and whether they end in an error.
std::pair<std::size_t, bool> read(std::string_view bytes, std::size_t at_a_time, bool judged) {
    resp_reader reader;
    std::size_t replies = 0;
    for (std::size_t at = 0; at < bytes.size(); at += at_a_time) {
        reader.feed(bytes.substr(at, at_a_time));
        while (true) {
            const auto value = reader.next();
            if (!value) {
                return {replies, true};
            }
            if (!*value) {
                break;
            }
            ++replies;
            if (judged) {
                judge(**value);
            }
        }
    }
    return {replies, false};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) {
        return 0;
    }
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1); // bytes to bytes
    const auto whole = read(bytes, bytes.size(), true);
    const auto cut = read(bytes, data[0] % 16 + std::size_t{1}, false);
    require(whole.first == cut.first && whole.second == cut.second);
    return 0;
}
