// Revocations of one source that change while the process runs, shared by its threads.
// Looking up takes no lock, allocates nothing, and costs one branch while nothing is
// revoked. An entry takes 32 bytes whatever its ID, which is kept as a keyed digest of
// 124 bits: nobody outside knows the key, so no two IDs can be made to meet.
//
// Entries lie in shards, each an open-addressing table whose slots never change what
// they name: a change is one atomic store, and what is taken back stays as a slot without
// a term. A table that is full is replaced by another one and ends once no reader that
// may have seen it is still looking.
#pragma once

#include "policies/tokens/keyed_hash.hpp"
#include "policies/tokens/revocation_entry.hpp"
#include "policies/tokens/revocation_list.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace bearward::policies::tokens {

struct revocation_digest;
struct revocation_table;

/// What revokes a credential: the kind, and the ID as the credential has it.
struct revocation_hit {
    revocation_kind kind = revocation_kind::jti;
    std::string_view id; ///< into the facts
};

/// Thread-safe; find() for one thread a reader.
class revocation_store {
public:
    /// Two keys for two halves of a digest: random bits.
    using key = std::array<hash_key, 2>;

    /// `readers`: how many threads look up.
    revocation_store(const key& random, std::size_t readers);
    ~revocation_store();
    revocation_store(const revocation_store&) = delete;
    revocation_store& operator=(const revocation_store&) = delete;

    /// What revokes a credential of this provider; nothing: nothing does. `reader`: a number
    /// below `readers` that no other thread uses at the time.
    [[nodiscard]] std::optional<revocation_hit> find(std::size_t reader, const revocation_facts& facts, std::string_view provider,
                                                     time_point now) const noexcept {
        return size_.load(std::memory_order_relaxed) == 0 ? std::nullopt : look_up(reader, facts, provider, now);
    }

    /// Entries, those whose time is over until drop_expired() included.
    [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
    /// Of the tables.
    [[nodiscard]] std::size_t bytes() const;

    /// It ends then, whatever it had. False: there are `most` others.
    bool set(const revocation_entry& entry, time_point until, std::size_t most = no_limit);
    /// The same where that is later than what it has.
    bool extend(const revocation_entry& entry, time_point until, std::size_t most = no_limit);
    /// It is revoked no longer.
    void take_back(const revocation_entry& entry);
    /// Entries whose time is over go, and the room of many that are gone.
    void drop_expired(time_point now);

    /// From here until end_reading() the source is read whole: an entry that neither
    /// take_read() nor a change mentions is gone at the end.
    void begin_reading();
    /// As read; does nothing where a change since begin_reading() said otherwise. False: there are `most` others.
    bool take_read(const revocation_entry& entry, time_point until, std::size_t most = no_limit);
    /// Returns how many entries are gone.
    std::size_t end_reading();
    /// The source could not be read whole: nothing is gone.
    void abandon_reading();

private:
    static constexpr std::size_t no_limit = ~std::size_t{0};
    static constexpr std::size_t shard_count = 64;

    struct shard {
        std::atomic<revocation_table*> current{nullptr}; ///< null: empty
        std::size_t live = 0;                            ///< slots with a term
    };
    /// Odd while the reader looks.
    struct alignas(64) reader_phase {
        mutable std::atomic<std::uint64_t> value{0};
    };
    /// A table that was replaced, and the readers that were looking then.
    struct retired_table {
        std::unique_ptr<revocation_table> was;
        std::vector<std::pair<std::size_t, std::uint64_t>> looking;
    };
    enum class write : std::uint8_t { set, extend, read };

    [[nodiscard]] std::optional<revocation_hit> look_up(std::size_t reader, const revocation_facts& facts, std::string_view provider,
                                                        time_point now) const noexcept;
    struct question;
    [[nodiscard]] bool listed(const question& about, revocation_kind kind, std::string_view id,
                              std::string_view issuer = {}) const noexcept;
    /// What issuers revoke by; `issuer` empty: of any.
    [[nodiscard]] std::optional<revocation_hit> look_up_of_issuer(const question& about, const revocation_facts& facts,
                                                                  std::string_view issuer) const noexcept;
    [[nodiscard]] revocation_digest digest_of(revocation_kind kind, std::string_view id, std::string_view issuer) const noexcept;
    [[nodiscard]] std::uint64_t number_of(std::string_view provider) const noexcept;

    bool put(const revocation_entry& entry, std::uint32_t until, write how, std::size_t most);
    void count(shard& in, std::size_t number, int more) noexcept;
    [[nodiscard]] revocation_table& make_room(shard& in);
    void replace_table(shard& in);
    void retire(std::unique_ptr<revocation_table> was);
    void free_retired();
    template <class Gone>
    std::size_t end_those(const Gone& gone);

    key key_;
    std::size_t readers_;
    std::unique_ptr<reader_phase[]> phases_;
    std::atomic<std::size_t> size_{0};
    std::array<std::atomic<std::size_t>, 16> of_kind_{}; ///< by the number in a digest
    std::array<shard, shard_count> shards_;
    mutable std::mutex writing_; ///< of all that changes
    std::vector<retired_table> retired_;
    bool reading_ = false;
};

} // namespace bearward::policies::tokens
