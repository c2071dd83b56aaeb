#include "policies/tokens/certificate_match.hpp"

#include "policies/ascii.hpp"
#include "policies/glob.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace bearward::policies::tokens {
namespace {

using jose::certificate_names;
using requests::certificate_fact;

/// RFC 2253 section 2.4: what a backslash may stand before, besides two hex digits.
constexpr std::string_view escaped = ",+\"\\<>;#= ";

/// One letter a byte of a value: what was escaped is another letter than the byte itself.
constexpr char16_t escape_mark = 0x100;

std::u16string letters_of(std::string_view text) {
    std::u16string made;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '\\' || at + 1 == text.size()) {
            made += static_cast<unsigned char>(text[at]);
        } else if (at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2])) {
            made += static_cast<char16_t>(escape_mark | (hex_value(text[at + 1]) << 4) | hex_value(text[at + 2]));
            at += 2;
        } else {
            made += static_cast<char16_t>(escape_mark | static_cast<unsigned char>(text[++at]));
        }
    }
    return made;
}

/// The first name that fits; without a pattern the only one there is. Null: none.
const std::string* choose(std::string_view pattern, const std::vector<std::string>& names) {
    if (pattern.empty()) {
        return names.size() == 1 ? &names.front() : nullptr;
    }
    const auto found = std::ranges::find_if(names, [pattern](const std::string& name) { return matches_glob(pattern, name); });
    return found == names.end() ? nullptr : &*found;
}

/// What one entry finds in a certificate.
class match {
public:
    match(const certificate_match& entry, const certificate_names& names, const requests::client_certificate& shown)
        : entry_(entry), names_(names), shown_(shown), dns_(choose(entry.dns, names.dns)), uri_(choose(entry.uri, names.uris)) {}

    [[nodiscard]] verified_token_ptr identify(std::string_view provider) const {
        if (!fits()) {
            return nullptr;
        }
        auto made = std::make_shared<verified_token>();
        made->who.provider = provider;
        const bool whole = take(entry_.user, made->who.user) && take(entry_.tenant, made->who.tenant) &&
                           take_all(entry_.roles, made->who.roles) && take_all(entry_.scopes, made->who.scopes);
        made->expires = made->who.expires = names_.not_after;
        return whole ? std::move(made) : nullptr;
    }

private:
    [[nodiscard]] bool fits() const {
        return (entry_.dns.empty() || dns_ != nullptr) && (entry_.uri.empty() || uri_ != nullptr) &&
               (entry_.subject.empty() || (!names_.subject.empty() && matches_subject(entry_.subject, names_.subject)));
    }

    /// False: the certificate does not have it.
    [[nodiscard]] bool take(const certificate_value& value, std::string& out) const {
        if (!value.from) {
            out = value.text;
            return true;
        }
        out = text_of(*value.from);
        return !out.empty();
    }

    [[nodiscard]] bool take_all(const std::vector<certificate_value>& values, std::vector<std::string>& out) const {
        return std::ranges::all_of(values, [&](const certificate_value& each) { return take(each, out.emplace_back()); });
    }

    [[nodiscard]] std::string text_of(certificate_fact fact) const {
        switch (fact) {
        case certificate_fact::subject:
            return names_.subject;
        case certificate_fact::dns:
            return dns_ == nullptr ? std::string{} : *dns_;
        case certificate_fact::uri:
            return uri_ == nullptr ? std::string{} : *uri_;
        case certificate_fact::sha256:
            return hex_sha256(shown_);
        }
        std::unreachable();
    }

    const certificate_match& entry_;
    const certificate_names& names_;
    const requests::client_certificate& shown_;
    const std::string* dns_;
    const std::string* uri_;
};

} // namespace

bool matches_subject(std::string_view pattern, std::string_view subject) {
    const std::u16string wanted = letters_of(pattern);
    const std::u16string shown = letters_of(subject);
    return matches_glob_of<char16_t>(wanted, shown, u'*');
}

std::string fault_of_subject_pattern(std::string_view pattern) {
    for (std::size_t at = 0; at < pattern.size(); ++at) {
        if (pattern[at] != '\\') {
            continue;
        }
        const bool hex = at + 2 < pattern.size() && is_hex(pattern[at + 1]) && is_hex(pattern[at + 2]);
        if (!hex && (at + 1 == pattern.size() || !escaped.contains(pattern[at + 1]))) {
            return "a backslash stands before two hex digits or one of , + \" \\ < > ; # = and blank (RFC 2253)";
        }
        at += hex ? 2 : 1;
    }
    return {};
}

verified_token_ptr match_certificate(std::span<const certificate_match> all, std::string_view provider,
                                     const requests::client_certificate& shown) {
    const certificate_names* const names = shown.names();
    if (names == nullptr) {
        return nullptr;
    }
    for (const certificate_match& each : all) {
        if (auto made = match(each, *names, shown).identify(provider)) {
            return made;
        }
    }
    return nullptr;
}

} // namespace bearward::policies::tokens
