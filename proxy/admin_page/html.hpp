// HTML as text: markup comes from the program's source alone, all else is escaped. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace bearward::proxy::admin_page {

/// A literal: nothing that came from elsewhere can become one.
class markup {
public:
    // NOLINTNEXTLINE(google-explicit-constructor,hicpp-explicit-conversions): a literal is markup.
    consteval markup(const char* literal) : text_(literal) {}
    [[nodiscard]] constexpr std::string_view text() const noexcept { return text_; }

private:
    std::string_view text_;
};

/// Appends the text so that it stays text, in an element and in a quoted attribute: the five
/// characters of markup as references; control characters but for line ends and tabs, those that
/// turn the direction of writing, and bytes that are no UTF-8 as U+FFFD.
void append_escaped(std::string& out, std::string_view text);

/// Writes a page from its start to its end.
class html_writer {
public:
    html_writer& add(markup literal) {
        out_ += literal.text();
        return *this;
    }
    html_writer& text(std::string_view any) {
        append_escaped(out_, any);
        return *this;
    }
    /// `<name>text</name>`.
    html_writer& element(markup name, std::string_view any) { return open(name).text(any).close(name); }
    html_writer& open(markup name) {
        out_.append("<").append(name.text()).append(">");
        return *this;
    }
    html_writer& close(markup name) {
        out_.append("</").append(name.text()).append(">");
        return *this;
    }
    /// ` name="value"`, in a tag that is open.
    html_writer& attribute(markup name, std::string_view any) {
        out_.append(" ").append(name.text()).append("=\"");
        text(any);
        out_ += '"';
        return *this;
    }

    [[nodiscard]] std::string take() && { return std::move(out_); }

private:
    std::string out_;
};

} // namespace bearward::proxy::admin_page
