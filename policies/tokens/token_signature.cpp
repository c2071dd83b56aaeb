#include "policies/tokens/token_signature.hpp"

#include "policies/explanation.hpp"
#include "policies/jose/signature.hpp"
#include "policies/text.hpp"
#include "policies/tokens/token_causes.hpp"
#include "policies/tokens/token_steps.hpp"

#include <algorithm>

namespace bearward::policies::tokens {
namespace {

/// Of keys that a token may have been signed with, at most so many are tried: a
/// bound on the work that one token can cause.
constexpr std::size_t max_tried_keys = 16;

struct key_search {
    std::size_t tried = 0;
    bool known = false;                     ///< the key that the token means is there
    bool by_id = false;                     ///< it means one
    const jose::key* verified_by = nullptr; ///< null: no key made the signature
};

key_search try_keys(const jose::key_set& keys, const jose::jws& token) {
    const bool named = std::ranges::any_of(keys.keys, [](const jose::key& each) { return !each.id().empty(); });
    const bool by_id = keys.selection == jose::key_selection::by_id && token.key_id.has_value() && named;
    key_search search{.known = !by_id && keys.selection == jose::key_selection::ignore_id, .by_id = by_id};
    for (const jose::key& candidate : keys.keys) {
        if (by_id && (candidate.id().empty() || candidate.id() != *token.key_id)) {
            continue;
        }
        search.known = search.known || by_id;
        if (!candidate.allows(token.alg)) {
            continue;
        }
        ++search.tried;
        if (jose::verify_signature(candidate, token.alg, token.signing_input, token.signature)) {
            search.verified_by = &candidate;
            break;
        }
        if (search.tried == max_tried_keys) {
            break;
        }
    }
    return search;
}

std::string missing_key_cause(const jose::key_set& keys, const jose::jws& token, bool known) {
    if (known) {
        return "the key is not for alg " + std::string(to_string(token.alg));
    }
    if (!token.key_id) {
        return "no key fits alg " + std::string(to_string(token.alg));
    }
    std::string cause = "no key with kid " + in_quotes(*token.key_id) + "; there are ";
    std::string_view separator;
    for (const jose::key& each : keys.keys) {
        if (!each.id().empty() && cause.size() < longest_cause) {
            cause.append(separator).append(in_quotes(each.id()));
            separator = ", ";
        }
    }
    bound_cause(cause);
    return cause;
}

} // namespace

std::optional<refusal> check_signature(const jose::key_set& keys, const jose::jws& token, explanation* observer) {
    const key_search search = try_keys(keys, token);
    // When the key that the token means is there, it is not for this algorithm.
    const reason missing = search.known ? reason::algorithm_not_allowed : reason::key_not_found;
    const reason key = search.tried != 0 ? reason::ok : missing;
    if (tell(observer, key, [&] { return key_step(keys, token, search.tried); }) != reason::ok) {
        refusal missing_key(key, missing_key_cause(keys, token, search.known));
        missing_key.by_other_keys = !search.known;
        return missing_key;
    }
    const reason verdict = search.verified_by != nullptr ? reason::ok : reason::signature_invalid;
    tell(observer, verdict, [&] { return signature_step(token, search.tried, search.verified_by); });
    if (verdict == reason::ok) {
        return std::nullopt;
    }
    refusal bad_signature(verdict, std::string(signature_cause));
    bad_signature.by_other_keys = !search.by_id; // it was tried with what is there
    return bad_signature;
}

} // namespace bearward::policies::tokens
