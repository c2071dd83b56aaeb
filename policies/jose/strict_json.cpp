#include "policies/jose/strict_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_stack.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace bearward::policies::jose {
namespace {

namespace json = boost::json;
using json::error_code;

/// Members at all depths.
std::size_t count_members(const json::value& of) {
    std::size_t count = 0;
    if (const auto* const object = of.if_object()) {
        count = object->size();
        for (const auto& member : *object) {
            count += member.value().is_structured() ? count_members(member.value()) : 0;
        }
    } else if (const auto* const array = of.if_array()) {
        for (const auto& element : *array) {
            count += element.is_structured() ? count_members(element) : 0;
        }
    }
    return count;
}

/// Builds the value from the parser's events. The names of its members are those
/// that basic_parser asks for.
class object_builder {
public:
    // No limits of their own: the size of the text and its depth bound them all.
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    object_builder() {} // NOLINT(modernize-use-equals-default): a defaulted one would clear `memory_`

    /// The document; nothing where it is no object, or a name stands twice in one: then the stack has kept
    /// one member for two names.
    std::optional<json::object> take() {
        json::value whole = stack_.release();
        if (!whole.is_object() || count_members(whole) != names_) {
            return std::nullopt;
        }
        return std::move(whole.get_object());
    }

    bool on_document_begin(error_code&) {
        stack_.reset();
        return true;
    }
    static bool on_document_end(error_code&) { return true; }
    static bool on_object_begin(error_code&) { return true; }
    static bool on_array_begin(error_code&) { return true; }
    bool on_object_end(std::size_t members, error_code&) {
        stack_.push_object(members);
        return true;
    }
    bool on_array_end(std::size_t elements, error_code&) {
        stack_.push_array(elements);
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, error_code&) { return append(part); }
    bool on_key(json::string_view last, std::size_t, error_code&) {
        stack_.push_key(last);
        ++names_;
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, error_code&) { return append(part); }
    bool on_string(json::string_view last, std::size_t, error_code&) {
        stack_.push_string(last);
        return true;
    }
    static bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, error_code&) {
        stack_.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, error_code&) {
        stack_.push_uint64(number);
        return true;
    }
    bool on_double(double number, json::string_view, error_code& ec) {
        if (!std::isfinite(number)) {
            return refuse(ec);
        }
        stack_.push_double(number);
        return true;
    }
    bool on_bool(bool truth, error_code&) {
        stack_.push_bool(truth);
        return true;
    }
    bool on_null(error_code&) {
        stack_.push_null();
        return true;
    }
    static bool on_comment_part(json::string_view, error_code& ec) { return refuse(ec); }
    static bool on_comment(json::string_view, error_code& ec) { return refuse(ec); }

private:
    static bool refuse(error_code& ec) {
        ec = json::error::syntax;
        return false;
    }
    bool append(json::string_view part) {
        stack_.push_chars(part);
        return true;
    }

    std::array<unsigned char, 2048> memory_; // of the stack while it fits: no need to clear it
    json::value_stack stack_{json::storage_ptr(), memory_.data(), memory_.size()};
    std::size_t names_ = 0;
};

} // namespace

std::optional<json::object> parse_json_object(std::string_view text) {
    if (text.empty()) {
        return std::nullopt;
    }
    json::parse_options options;
    options.max_depth = max_json_depth;
    json::basic_parser<object_builder> parser(options);
    error_code failure;
    const std::size_t consumed = parser.write_some(false, text.data(), text.size(), failure);
    if (failure || consumed != text.size() || !parser.done()) {
        return std::nullopt;
    }
    return parser.handler().take();
}

} // namespace bearward::policies::jose
