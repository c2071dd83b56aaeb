// A key of a section as it was declared, and what becomes of it where another key, the
// deciding one, has a tag for which it is kept elsewhere or is no key at all.
#pragma once

#include "config/codec.hpp"

#include <functional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace bearward::config {

/// A key of a section that is read into a T.
template <class T>
struct declared_field {
    std::function<bool(const T&)> needed;            ///< of a required one, whether it is; null: always
    std::function<bool(const T&)> applies;           ///< empty: always
    std::function<const shape*(const T&)> form_with; ///< where it has another form than at first; null: that one
    std::function<bool(reading&, const cursor&, T&)> read;
    std::function<boost::json::value(const T&)> show;
    std::function<void(const T&, T&)> inherit;
    std::function<void(const T&, T&)> merge;
};

/// The alternative's word, where it has one.
template <class Alternative>
void name_tag(std::vector<std::string>& tags) {
    if constexpr (requires { Alternative::word; }) {
        tags.emplace_back(Alternative::word);
    }
}

/// With the alternative's tag the key is kept in the alternative.
template <class Alternative, class T, class Union, class Member>
void keep_in(declared_field<T>& key, field_shape& form, Union T::* which, Member Alternative::* member, const codec<Member>& with) {
    key.read = [which, member, read = with.read, otherwise = key.read](reading& state, const cursor& at, T& out) {
        auto* const meant = std::get_if<Alternative>(&(out.*which));
        return meant != nullptr ? read(state, at, meant->*member) : otherwise(state, at, out);
    };
    key.show = [which, member, show = with.show, otherwise = key.show](const T& value) {
        const auto* const meant = std::get_if<Alternative>(&(value.*which));
        return meant != nullptr ? show(meant->*member) : otherwise(value);
    };
    if (key.applies) {
        key.applies = [which, otherwise = key.applies](const T& value) {
            return std::holds_alternative<Alternative>(value.*which) || otherwise(value);
        };
    }
    key.form_with = [which, own = with.form, otherwise = key.form_with](const T& value) -> const shape* {
        return std::holds_alternative<Alternative>(value.*which) ? &own : otherwise ? otherwise(value) : nullptr;
    };
    if (with.form.type != form.form.type) {
        shape either;
        either.type = shape::kind::choice;
        either.expected = form.form.expected + ", or " + with.form.expected;
        either.parts = {std::move(form.form), with.form};
        form.form = std::move(either);
    }
    if (!form.only_with.empty()) {
        name_tag<Alternative>(form.only_with);
    }
}

/// With the alternative's tag the key is an error.
template <class Alternative, class T, class Union>
void refuse_with(declared_field<T>& key, field_shape& form, Union T::* which) {
    key.applies = [which, others = key.applies](const T& value) {
        return !std::holds_alternative<Alternative>(value.*which) && (!others || others(value));
    };
    key.read = [which, otherwise = key.read](reading& state, const cursor& at, T& out) {
        return std::holds_alternative<Alternative>(out.*which) ? state.error(at, "means nothing for this type") : otherwise(state, at, out);
    };
    key.show = [which, otherwise = key.show](const T& value) {
        return std::holds_alternative<Alternative>(value.*which) ? boost::json::value(nullptr) : otherwise(value);
    };
    name_tag<Alternative>(form.never_with);
}

/// The form that the key has there. keep_in put the first one before its own.
template <class T>
const shape& form_of(const declared_field<T>& key, const field_shape& form, const T& there) {
    const shape* const other = key.form_with ? key.form_with(there) : nullptr;
    const bool first = key.form_with && form.form.type == shape::kind::choice;
    return other != nullptr ? *other : first ? form.form.parts.front() : form.form;
}

} // namespace bearward::config
