#include "policies/invariant.hpp"
#include "policies/tokens/revocation_store.hpp"
#include "policies/tokens/revocation_table.hpp"

namespace bearward::policies::tokens {
namespace {

static_assert(revocation_kinds.size() <= 8, "a kind has three bits of a digest");

/// What is bound to an issuer is counted apart: tokens are seldom asked about by theirs.
constexpr std::uint64_t number_of_kind(revocation_kind kind, bool bound) noexcept {
    return static_cast<std::uint64_t>(kind) | (bound ? 8U : 0U);
}

} // namespace

struct revocation_store::question {
    std::string_view provider;
    std::optional<std::uint32_t> issued_at; ///< whole seconds, rounded up
    std::uint32_t now;
};

namespace {

/// While it lives, no table that this reader may see ends. The store of the phase comes
/// before the loads of tables in the one order of all such operations (seq_cst), as the
/// writer's store of a table comes before its loads of phases: one sees the other.
class looking {
public:
    explicit looking(std::atomic<std::uint64_t>& phase) noexcept : phase_(phase) {
        phase_.store(phase_.load(std::memory_order_relaxed) + 1, std::memory_order_seq_cst);
    }
    ~looking() { phase_.store(phase_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
    looking(const looking&) = delete;
    looking& operator=(const looking&) = delete;

private:
    std::atomic<std::uint64_t>& phase_;
};

} // namespace

revocation_digest revocation_store::digest_of(revocation_kind kind, std::string_view id, std::string_view issuer) const noexcept {
    const std::uint64_t number = number_of_kind(kind, !issuer.empty());
    constexpr std::uint64_t apart = 0xFE00; // from every kind
    const auto hash = [&](const hash_key& key) {
        const std::uint64_t whose = issuer.empty() ? 0 : keyed_hash({key[0] ^ apart, key[1]}, issuer);
        return keyed_hash({key[0] ^ number, key[1] ^ whose}, id);
    };
    const std::uint64_t low = hash(key_[0]);
    return {.low = low == 0 ? 1 : low, .high = (hash(key_[1]) & ~revocation_digest::number_bits) | number};
}

std::uint64_t revocation_store::number_of(std::string_view provider) const noexcept {
    constexpr std::uint64_t apart = 0xFF; // from every kind
    return provider.empty() ? 0 : keyed_hash({key_[0][0] ^ apart, key_[1][1]}, provider) | 1;
}

std::optional<revocation_hit> revocation_store::look_up(std::size_t reader, const revocation_facts& facts, std::string_view provider,
                                                        time_point now) const noexcept {
    invariant(reader < readers_, "who looks a revocation up has a number");
    const looking section(phases_[reader].value);
    question about{.provider = provider, .issued_at = {}, .now = whole_seconds(now)};
    if (facts.issued_at) {
        about.issued_at = to_seconds(*facts.issued_at);
    }
    if (listed(about, revocation_kind::jti, facts.token_id)) {
        return revocation_hit{revocation_kind::jti, facts.token_id};
    }
    if (listed(about, revocation_kind::user, facts.user)) {
        return revocation_hit{revocation_kind::user, facts.user};
    }
    if (auto found = look_up_of_issuer(about, facts, {})) {
        return found;
    }
    return facts.issuer.empty() ? std::nullopt : look_up_of_issuer(about, facts, facts.issuer);
}

std::optional<revocation_hit> revocation_store::look_up_of_issuer(const question& about, const revocation_facts& facts,
                                                                  std::string_view issuer) const noexcept {
    for (const auto& [kind, id] : {std::pair(revocation_kind::sid, facts.session), std::pair(revocation_kind::tenant, facts.tenant),
                                   std::pair(revocation_kind::sub, facts.subject)}) {
        if (listed(about, kind, id, issuer)) {
            return revocation_hit{kind, id};
        }
    }
    for (const std::string& each : facts.tenants) {
        if (listed(about, revocation_kind::tenant, each, issuer)) {
            return revocation_hit{revocation_kind::tenant, each};
        }
    }
    return std::nullopt;
}

bool revocation_store::listed(const question& about, revocation_kind kind, std::string_view id, std::string_view issuer) const noexcept {
    if (id.empty() || of_kind_[number_of_kind(kind, !issuer.empty())].load(std::memory_order_relaxed) == 0) {
        return false;
    }
    const revocation_digest wanted = digest_of(kind, id, issuer);
    const revocation_table* const in = shards_[wanted.shard()].current.load(std::memory_order_seq_cst);
    if (in == nullptr) {
        return false;
    }
    for (std::size_t at = wanted.low & in->mask;; at = (at + 1) & in->mask) {
        const revocation_slot& each = in->slots[at];
        const std::uint64_t low = each.low.load(std::memory_order_acquire);
        if (low == 0) {
            return false;
        }
        if (low == wanted.low && each.high == wanted.high && about.now < each.until.load(std::memory_order_relaxed) &&
            (each.before == of_all_tokens || !about.issued_at || *about.issued_at <= each.before) &&
            (each.provider == 0 || each.provider == number_of(about.provider))) {
            return true;
        }
    }
}

} // namespace bearward::policies::tokens
