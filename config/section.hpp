// A map with declared keys. One `field` is all that a setting needs: its name,
// where it is kept, how it is read, what it means. Its default is the member's.
#pragma once

#include "config/codec.hpp"
#include "config/declared_field.hpp"
#include "config/encoding.hpp"
#include "config/suggestion.hpp"
#include "policies/invariant.hpp"

#include <algorithm>
#include <unordered_map>
#include <variant>

namespace bearward::config {

/// What is expected, in full for a section: its keys. Not before all sections are declared.
[[nodiscard]] inline std::string describe_section(const shape& form) {
    return form.type == shape::kind::section && !form.secret ? "a map with the keys " + join(form.fields().names) : form.expected;
}

enum class presence : std::uint8_t { optional, required };

template <class T>
class section {
public:
    /// `presets`: where the defaults are those of another than a fresh T.
    explicit section(std::string name, T presets = T{}) : name_(std::move(name)), presets_(std::move(presets)) {}

    /// Declares a key.
    template <class Member, class Owner>
    section& field(std::string name, Member Owner::* member, const codec<Member>& with, std::string doc,
                   presence needed = presence::optional) {
        declared made;
        made.read = [member, read = with.read](reading& state, const cursor& at, T& out) { return read(state, at, out.*member); };
        made.show = [member, show = with.show](const T& value) { return show(value.*member); };
        made.inherit = [member](const T& from, T& to) { to.*member = from.*member; };
        boost::json::value preset = made.show(presets_);
        return add(std::move(made), {std::move(name), std::move(doc), with.form, needed == presence::required, std::move(preset)});
    }

    /// Declares a key of one alternative of a tagged union, whose tag is the deciding key:
    /// with another tag it is an error, and not required. Not for sections that inherit().
    template <class Alternative, class Union, class Owner, class Member>
    section& field_of(std::string name, Union Owner::* which, Member Alternative::* member, const codec<Member>& with, std::string doc,
                      presence needed = presence::optional) {
        declared made;
        made.applies = [which](const T& value) { return std::holds_alternative<Alternative>(value.*which); };
        made.read = [which, member, read = with.read](reading& state, const cursor& at, T& out) {
            auto* const meant = std::get_if<Alternative>(&(out.*which));
            return meant != nullptr ? read(state, at, meant->*member) : state.error(at, "means nothing for this type");
        };
        made.show = [which, member, show = with.show](const T& value) {
            const auto* const meant = std::get_if<Alternative>(&(value.*which));
            return meant != nullptr ? show(meant->*member) : boost::json::value(nullptr);
        };
        boost::json::value preset = with.show(Alternative{}.*member);
        add(std::move(made), {std::move(name), std::move(doc), with.form, needed == presence::required, std::move(preset)});
        name_tag<Alternative>(form_.fields.back().only_with);
        return *this;
    }

    /// With this tag the last declared key is kept in the alternative, and may have another form.
    template <class Alternative, class Union, class Owner, class Member>
    section& instead(Union Owner::* which, Member Alternative::* member, const codec<Member>& with) {
        keep_in<Alternative>(fields_.back(), form_.fields.back(), which, member, with);
        return *this;
    }

    /// With this tag the last declared key is an error.
    template <class Alternative, class Union, class Owner>
    section& unless(Union Owner::* which) {
        refuse_with<Alternative>(fields_.back(), form_.fields.back(), which);
        return *this;
    }

    /// Where both a default and a route write the last declared key: merges
    /// instead of replacing.
    section& merged(std::function<void(const T& from, T& to)> merge) {
        fields_.back().merge = std::move(merge);
        return *this;
    }

    /// The last declared key, a required one, is required only where this holds of the others, and where their JSON
    /// schema is not `needless_with`.
    section& required_where(std::function<bool(const T&)> needed, boost::json::value needless_with) {
        fields_.back().needed = std::move(needed);
        form_.fields.back().needless_with = std::move(needless_with);
        return *this;
    }

    /// Planned keys whose behaviour isn't built yet (config/BEHAVIOUR.md 1.9).
    section& not_yet(std::vector<std::string> names) {
        form_.not_yet.insert(form_.not_yet.end(), names.begin(), names.end());
        return *this;
    }

    /// Keys that people look for here, and a sentence that says where they stand.
    section& elsewhere(std::vector<std::string> names, const std::string& where) {
        for (std::string& each : names) {
            elsewhere_.emplace(std::move(each), where);
        }
        return *this;
    }

    /// Exactly one of these keys has to be written.
    section& one_of(std::vector<std::string> names) {
        form_.one_of.push_back(std::move(names));
        return *this;
    }

    /// The last declared key says what the rest means: when it can't be read, the
    /// rest isn't looked at.
    section& deciding() {
        deciding_ = fields_.size() - 1;
        form_.deciding = form_.names.back();
        return *this;
    }

    /// What holds between keys. Runs when each of them could be read.
    section& check(std::function<bool(reading&, const cursor&, T&)> check) {
        check_ = std::move(check);
        return *this;
    }

    [[nodiscard]] const section_shape& form() const noexcept { return form_; }

    /// The bit of a key in `given`.
    [[nodiscard]] std::uint64_t bit(std::string_view name) const { return bit_of(index_.at(std::string(name))); }

    bool read(reading& state, const cursor& at, T& out) const {
        if (at.value.type != node::kind::map) {
            return refuse(state, at, shape_of_this());
        }
        if constexpr (requires { out.at = place{}; }) {
            if (out.at.where.line == 0) {
                out.at = state.place_of(at);
            }
        }
        if (!read_deciding(state, at, out)) {
            return false;
        }
        bool good = true;
        for (const entry& each : at.value.entries) {
            good = read_entry(state, at, each, out) && good;
        }
        good = check_presence(state, at, out) && good;
        return good && (!check_ || check_(state, at, out));
    }

    [[nodiscard]] boost::json::value show(const T& value) const {
        boost::json::object shown;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            boost::json::value each = fields_[i].show(value);
            if (!each.is_null()) {
                shown.emplace(form_.fields[i].name, std::move(each));
            }
        }
        return shown;
    }

    /// Gives `to` the keys that it doesn't have.
    void inherit(const T& from, T& to) const {
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const std::uint64_t bit = bit_of(i);
            if ((from.given & bit) == 0) {
                continue;
            }
            if ((to.given & bit) == 0) {
                fields_[i].inherit(from, to);
                to.given |= bit;
            } else if (fields_[i].merge) {
                fields_[i].merge(from, to);
            }
        }
    }

private:
    using declared = declared_field<T>;

    [[nodiscard]] static std::uint64_t bit_of(std::size_t field) noexcept {
        policies::invariant(field < 64, "a section whose written keys are remembered has 64 at most");
        return std::uint64_t{1} << field;
    }

    section& add(declared made, field_shape form) {
        index_.emplace(form.name, fields_.size());
        form_.names.push_back(form.name);
        accepted_ = join(form_.names);
        form_.fields.push_back(std::move(form));
        fields_.push_back(std::move(made));
        return *this;
    }

    [[nodiscard]] shape shape_of_this() const {
        shape form;
        form.type = shape::kind::section;
        form.expected = "a map with the keys " + accepted_;
        return form;
    }

    bool read_deciding(reading& state, const cursor& at, T& out) const {
        if (!deciding_) {
            return true;
        }
        const entry* found = at.value.find(form_.fields[*deciding_].name);
        if (found == nullptr) {
            return true;
        }
        const key_path step{&at.path, found->key.text, 0};
        return fields_[*deciding_].read(state, cursor{found->value, step}, out);
    }

    bool read_entry(reading& state, const cursor& at, const entry& each, T& out) const {
        const key_path step{&at.path, each.key.text, 0};
        const auto found = index_.find(each.key.text);
        if (found == index_.end()) {
            if (std::ranges::find(form_.not_yet, each.key.text) != form_.not_yet.end()) {
                return state.error(cursor{each.key, step}, "isn't supported yet");
            }
            if (const auto place = elsewhere_.find(each.key.text); place != elsewhere_.end()) {
                return state.error(cursor{each.key, step}, place->second);
            }
            std::string near = suggest(each.key.text, form_.names);
            if (near.empty() && at.value.entries.size() == 1 && each.value.type == node::kind::null) {
                near = "; text in braces needs quotes: \"{" + escape_for_message(each.key.text, 64) + "}\"";
            }
            return state.error(cursor{each.key, step}, "unknown key; accepted: " + accepted_ + near);
        }
        if (deciding_ == found->second) {
            return true;
        }
        if constexpr (requires { out.given; }) {
            out.given |= bit_of(found->second);
        }
        return fields_[found->second].read(state, cursor{each.value, step}, out);
    }

    bool check_presence(reading& state, const cursor& at, const T& out) const {
        bool good = true;
        for (std::size_t i = 0; i < fields_.size(); ++i) {
            const field_shape& each = form_.fields[i];
            const bool needed =
                each.required && (!fields_[i].applies || fields_[i].applies(out)) && (!fields_[i].needed || fields_[i].needed(out));
            if (needed && at.value.find(each.name) == nullptr) {
                const key_path step{&at.path, each.name, 0};
                good = state.error(cursor{at.value, step},
                                   "required, but missing; expected " + describe_section(form_of(fields_[i], each, out)));
            }
        }
        for (const auto& group : form_.one_of) {
            const auto written = std::ranges::count_if(group, [&](const std::string& name) { return at.value.find(name) != nullptr; });
            const bool refused_already = std::ranges::any_of(form_.not_yet, [&](const std::string& name) { return at.value.find(name); });
            if (written > 1 || (written == 0 && !refused_already)) {
                good = state.error(at, "exactly one of " + join(group) + " is needed; found " + std::to_string(written));
            }
        }
        return good;
    }

    std::string name_;
    T presets_;
    section_shape form_;
    std::string accepted_; ///< the names, for messages
    std::vector<declared> fields_;
    std::unordered_map<std::string, std::size_t> index_;
    std::unordered_map<std::string, std::string> elsewhere_;
    std::optional<std::size_t> deciding_;
    std::function<bool(reading&, const cursor&, T&)> check_;
};

/// A declared section as a codec. Taken by function, so that sections may nest in
/// themselves.
template <class T>
[[nodiscard]] codec<T> nested(std::string name, const section<T>& (*declared)()) {
    codec<T> made;
    made.form.type = shape::kind::section;
    made.form.expected = "a map (" + name + ")";
    made.form.name = std::move(name);
    made.form.fields = [declared]() -> const section_shape& { return declared().form(); };
    made.read = [declared](reading& state, const cursor& at, T& out) { return declared().read(state, at, out); };
    made.show = [declared](const T& value) { return declared().show(value); };
    return made;
}

} // namespace bearward::config
