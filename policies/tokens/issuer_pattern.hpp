// The issuer that a provider accepts: a text, or a template whose {NAME} stands
// for the value of that claim, as in https://login.example.com/{tid}/v2.0.
#pragma once

#include <boost/json/object.hpp>

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bearward::policies::tokens {

class issuer_pattern {
public:
    issuer_pattern() : pieces_(1) {}
    /// A text that is taken as it is.
    issuer_pattern(std::string literal); // NOLINT: a text is an issuer

    /// Error: a sentence about the braces.
    [[nodiscard]] static std::expected<issuer_pattern, std::string> parse(std::string_view written);

    [[nodiscard]] const std::string& text() const noexcept { return text_; }
    /// The claims that it names; none: a literal.
    [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }
    [[nodiscard]] bool is_template() const noexcept { return !names_.empty(); }

    /// Some issuer of this form.
    [[nodiscard]] std::string sample() const;
    /// Whether the issuer has this form, whatever the claims are. A name's value is
    /// one or more of `A-Za-z0-9._~-`. Goes over the issuer once: it chooses the
    /// provider before any signature is checked, so its text is the client's.
    [[nodiscard]] bool fits(std::string_view issuer) const noexcept;
    /// Whether it is this one for a token with these claims: each name is a
    /// top-level claim that is text of those characters.
    [[nodiscard]] bool matches(std::string_view issuer, const boost::json::object& claims) const;
    /// The issuer of a token with these claims; nothing: one that it names is none of that kind.
    [[nodiscard]] std::optional<std::string> fill(const boost::json::object& claims) const;
    /// Whether some issuer has both forms.
    [[nodiscard]] static bool overlap(const issuer_pattern& left, const issuer_pattern& right);

    friend bool operator==(const issuer_pattern& left, const issuer_pattern& right) noexcept {
        return left.text_ == right.text_ && left.names_ == right.names_;
    }

private:
    std::string text_;                ///< as written
    std::vector<std::string> pieces_; ///< the literal parts; one more than names
    std::vector<std::string> names_;
};

} // namespace bearward::policies::tokens
