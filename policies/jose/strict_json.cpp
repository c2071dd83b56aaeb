#include "policies/jose/strict_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace bearward::policies::jose {
namespace {

namespace json = boost::json;
using json::error_code;

/// Builds the value from the parser's events. The names of its members are those
/// that basic_parser asks for.
class object_builder {
public:
    // No limits of their own: the size of the text and its depth bound them all.
    static constexpr std::size_t max_object_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_array_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_key_size = std::numeric_limits<std::size_t>::max();
    static constexpr std::size_t max_string_size = std::numeric_limits<std::size_t>::max();

    json::object take() noexcept { return std::move(result_); }

    static bool on_document_begin(error_code&) { return true; }
    static bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code&) {
        levels_.emplace_back(json::object());
        return true;
    }
    bool on_array_begin(error_code& ec) {
        if (levels_.empty()) {
            return refuse(ec);
        }
        levels_.emplace_back(json::array());
        return true;
    }
    bool on_object_end(std::size_t, error_code& ec) { return close(ec); }
    bool on_array_end(std::size_t, error_code& ec) { return close(ec); }

    bool on_key_part(json::string_view part, std::size_t, error_code&) { return append(part); }
    bool on_key(json::string_view last, std::size_t, error_code& ec) {
        append(last);
        level& top = levels_.back();
        if (top.container.get_object().contains(text_)) {
            return refuse(ec);
        }
        top.name.swap(text_);
        text_.clear();
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, error_code&) { return append(part); }
    bool on_string(json::string_view last, std::size_t, error_code& ec) {
        if (text_.empty()) {
            return add(json::value(last), ec);
        }
        append(last);
        const bool added = add(json::value(text_), ec);
        text_.clear();
        return added;
    }
    static bool on_number_part(json::string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, error_code& ec) { return add(number, ec); }
    bool on_uint64(std::uint64_t number, json::string_view, error_code& ec) { return add(number, ec); }
    bool on_double(double number, json::string_view, error_code& ec) { return std::isfinite(number) ? add(number, ec) : refuse(ec); }
    bool on_bool(bool truth, error_code& ec) { return add(truth, ec); }
    bool on_null(error_code& ec) { return add(nullptr, ec); }
    static bool on_comment_part(json::string_view, error_code& ec) { return refuse(ec); }
    static bool on_comment(json::string_view, error_code& ec) { return refuse(ec); }

private:
    struct level {
        explicit level(json::value opened) : container(std::move(opened)) {}
        json::value container;
        std::string name; ///< of the member whose value comes next
    };

    static bool refuse(error_code& ec) {
        ec = json::error::syntax;
        return false;
    }
    bool append(json::string_view part) {
        text_.append(part.data(), part.size());
        return true;
    }
    bool add(json::value&& item, error_code& ec) {
        if (levels_.empty()) {
            return refuse(ec); // the document is not an object
        }
        level& top = levels_.back();
        if (top.container.is_object()) {
            top.container.get_object().emplace(top.name, std::move(item));
        } else {
            top.container.get_array().push_back(std::move(item));
        }
        return true;
    }
    bool close(error_code& ec) {
        json::value done = std::move(levels_.back().container);
        levels_.pop_back();
        if (levels_.empty()) {
            result_ = std::move(done.get_object());
            return true;
        }
        return add(std::move(done), ec);
    }

    std::vector<level> levels_;
    std::string text_; ///< the string or name so far
    json::object result_;
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
