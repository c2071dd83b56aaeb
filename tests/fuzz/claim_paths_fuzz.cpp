// A path into claims leads where the plainest reading of the rule leads, patterns
// match what their definition says, and whatever is read is written as it was.
#include "policies/glob.hpp"
#include "policies/jose/strict_json.hpp"
#include "policies/rules/operand.hpp"
#include "policies/tokens/claim_path.hpp"
#include "policies/tokens/claim_source.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace json = boost::json;
namespace tokens = bearward::policies::tokens;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> steps(1);
    for (const char byte : path) {
        if (byte == '.') {
            steps.emplace_back();
        } else {
            steps.back() += byte;
        }
    }
    return steps;
}

const json::value* naive_find(const json::value& at, const std::vector<std::string>& steps, std::size_t from) {
    if (from == steps.size()) {
        return at.is_null() ? nullptr : &at;
    }
    if (const json::array* elements = at.if_array(); elements != nullptr) {
        for (std::size_t index = 0; index < elements->size(); ++index) {
            if (steps[from] == std::to_string(index)) {
                return naive_find((*elements)[index], steps, from + 1);
            }
        }
        return nullptr;
    }
    const json::object* members = at.if_object();
    for (std::size_t last = steps.size(); members != nullptr && last > from; --last) {
        std::string name = steps[from];
        for (std::size_t step = from + 1; step < last; ++step) {
            name.append(".").append(steps[step]);
        }
        const json::value* member = members->if_contains(name);
        if (member != nullptr && !member->is_null()) {
            return naive_find(*member, steps, last);
        }
    }
    return nullptr;
}

/// Row by row: whether the pattern so far matches the text so far.
bool naive_glob(std::string_view pattern, std::string_view text) {
    std::vector<bool> row(text.size() + 1);
    row[0] = true;
    for (const char each : pattern) {
        std::vector<bool> next(text.size() + 1);
        for (std::size_t length = 0; length <= text.size(); ++length) {
            next[length] =
                each == '*' ? row[length] || (length > 0 && next[length - 1]) : length > 0 && row[length - 1] && text[length - 1] == each;
        }
        row = std::move(next);
    }
    return row[text.size()];
}

} // namespace

/// A line with a path (a pattern, an operand), then a JSON object (a text).
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string input(data, data + size);
    const std::size_t end = std::min(input.find('\n'), input.size());
    const std::string_view line = std::string_view(input).substr(0, end);
    const std::string_view rest = std::string_view(input).substr(std::min(end + 1, input.size()));
    if (line.size() * rest.size() < 1'000'000) {
        require(bearward::policies::matches_glob(line, rest) == naive_glob(line, rest));
    }
    if (const auto operand = bearward::policies::rules::operand::parse(line)) {
        require(operand->written() == line);
    }
    const auto path = tokens::claim_path::parse(line);
    const auto claims = bearward::policies::jose::parse_json_object(rest);
    if (!path || !claims) {
        return 0;
    }
    require(path->text() == line);
    const json::value whole(*claims);
    const json::value* const expected = naive_find(whole, split(line), 0);
    const json::value* const found = tokens::find_claim(*claims, *path);
    require((found == nullptr) == (expected == nullptr));
    require(found == nullptr || *found == *expected);
    using form = tokens::claim_source::form;
    for (const form how : {form::plain, form::keys, form::each, form::split}) {
        const tokens::mapped_claim from{.sources = {{.path = *path, .how = how, .argument = "a"}}};
        const auto roles = tokens::read_roles(*claims, from);
        require(!roles || roles->empty() || found != nullptr);
        (void)tokens::read_scopes(*claims, from);
        (void)tokens::read_user(*claims, from);
    }
    return 0;
}
