#include "proxy/providers/resp.hpp"

#include "policies/ascii.hpp"

#include <array>
#include <utility>

namespace bearward::proxy::providers {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t longest_line = std::size_t{64} * 1024;

std::unexpected<std::string> broken(std::string_view what) {
    return std::unexpected("the answer is not RESP: " + std::string(what));
}

std::unexpected<std::string> too_large() {
    return std::unexpected(std::string("the answer is too large"));
}

} // namespace

void append_command(std::string& out, std::span<const std::string_view> words) {
    out.append("*").append(std::to_string(words.size())).append(line_end);
    for (const std::string_view each : words) {
        out.append("$").append(std::to_string(each.size())).append(line_end).append(each).append(line_end);
    }
}

std::expected<std::optional<resp_value>, std::string> resp_reader::next() {
    while (true) {
        resp_value item;
        std::size_t count = 0;
        const auto taken = take(item, count);
        if (!taken) {
            return std::unexpected(taken.error());
        }
        if (*taken == step::more) {
            drop_taken();
            // What is unread of a reply that is not whole; behind it nothing was looked at.
            return taken_ + waiting_.size() > max_bytes + longest_line ? std::expected<std::optional<resp_value>, std::string>(too_large())
                                                                       : std::optional<resp_value>();
        }
        if (++elements_ > max_elements || taken_ > max_bytes) {
            return too_large();
        }
        if (*taken == step::open) {
            if (open_.size() == max_depth) {
                return broken("arrays too deep in each other");
            }
            open_.push_back({std::move(item), count});
            continue;
        }
        if (auto whole = put(std::move(item))) {
            taken_ = elements_ = 0;
            return whole;
        }
    }
}

std::expected<resp_reader::step, std::string> resp_reader::take(resp_value& into, std::size_t& count) {
    const std::string_view rest = std::string_view(waiting_).substr(at_);
    const std::size_t end = rest.find(line_end, searched_ == 0 ? 0 : searched_ - 1);
    if (end == std::string_view::npos) {
        searched_ = rest.size();
        return rest.size() > longest_line ? std::expected<step, std::string>(broken("a line without an end")) : step::more;
    }
    searched_ = 0;
    const std::string_view line = rest.substr(0, end);
    if (line.empty()) {
        return broken("an empty line");
    }
    switch (line.front()) {
    case '+':
    case '-':
        into.what = line.front() == '+' ? resp_value::kind::text : resp_value::kind::error;
        into.text = line.substr(1);
        break;
    case ':': {
        const auto number = policies::parse_decimal<std::int64_t>(line.substr(1));
        if (!number) {
            return broken("an integer");
        }
        into.what = resp_value::kind::integer;
        into.integer = *number;
        break;
    }
    case '$':
        return take_bulk(line, into);
    case '*':
        return take_array(line, into, count);
    default:
        return broken("an unknown type");
    }
    at_ += line.size() + line_end.size();
    taken_ += line.size() + line_end.size();
    return step::item;
}

std::expected<resp_reader::step, std::string> resp_reader::take_bulk(std::string_view line, resp_value& into) {
    const auto length = policies::parse_decimal<std::int64_t>(line.substr(1));
    if (!length || *length < -1) {
        return broken("a length");
    }
    const std::size_t head = line.size() + line_end.size();
    if (*length == -1) {
        at_ += head;
        taken_ += head;
        return step::item;
    }
    const auto size = static_cast<std::size_t>(*length);
    if (size > max_bytes) {
        return too_large();
    }
    const std::string_view rest = std::string_view(waiting_).substr(at_ + head);
    if (rest.size() < size + line_end.size()) {
        return step::more;
    }
    if (rest.substr(size, line_end.size()) != line_end) {
        return broken("no line end after a text");
    }
    into.what = resp_value::kind::text;
    into.text = rest.substr(0, size);
    at_ += head + size + line_end.size();
    taken_ += head + size + line_end.size();
    return step::item;
}

std::expected<resp_reader::step, std::string> resp_reader::take_array(std::string_view line, resp_value& into, std::size_t& count) {
    const auto length = policies::parse_decimal<std::int64_t>(line.substr(1));
    if (!length || *length < -1) {
        return broken("a length");
    }
    at_ += line.size() + line_end.size();
    taken_ += line.size() + line_end.size();
    if (*length == -1) {
        return step::item;
    }
    if (static_cast<std::size_t>(*length) > max_elements) {
        return too_large();
    }
    into.what = resp_value::kind::array;
    count = static_cast<std::size_t>(*length);
    return count == 0 ? step::item : step::open;
}

/// Gives an item to the array that waits for it, and that one to its own, as they become
/// whole. The outermost one; nothing: it is not whole.
std::optional<resp_value> resp_reader::put(resp_value whole) {
    while (!open_.empty()) {
        open_array& into = open_.back();
        into.value.elements.push_back(std::move(whole));
        if (--into.left != 0) {
            return std::nullopt;
        }
        whole = std::move(into.value);
        open_.pop_back();
    }
    return whole;
}

void resp_reader::drop_taken() {
    waiting_.erase(0, at_);
    at_ = 0;
}

} // namespace bearward::proxy::providers
