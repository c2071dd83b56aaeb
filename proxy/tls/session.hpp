// One TLS connection over a non-blocking socket (RFC 8446, RFC 5246): what a
// stream reads and writes with when it is not plain. It keeps no buffer while
// nothing is under way. It uses no reactor: it says what it waits for.
//
// A peer that sends many records in a row without data is refused: OpenSSL works on
// KeyUpdates, tickets, renegotiations and the like within one call for as long as
// there are some, and each costs as much as thousands of bytes.
#pragma once

#include "policies/requests/client_certificate.hpp"
#include "proxy/io_result.hpp"

#include <openssl/types.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/uio.h>

namespace bearward::proxy::tls {

struct ssl_deleter {
    void operator()(SSL* ssl) const noexcept;
};
using ssl_ptr = std::unique_ptr<SSL, ssl_deleter>;

/// Belongs to one worker's thread.
class session final : public policies::requests::client_certificate {
public:
    /// `ssl` is prepared as server or client. The socket belongs to somebody else
    /// and must outlive this; `used` is what `ssl` refers to, and is kept alive.
    session(ssl_ptr ssl, int descriptor, std::shared_ptr<void> used = nullptr);
    session(const session&) = delete;
    session& operator=(const session&) = delete;

    /// Goes on with the handshake; done: both sides agree.
    [[nodiscard]] io_result handshake() noexcept;
    /// An end without the peer's close_notify is `failed`, never end_of_stream: an
    /// attacker could have cut the connection (RFC 8446 section 6.1).
    [[nodiscard]] io_result read_some(std::span<char> into) noexcept;
    [[nodiscard]] io_result peek(std::span<char> into) noexcept;
    /// After would_block the next write begins with the same bytes; one that doesn't
    /// fails, since the peer would get a part of both.
    [[nodiscard]] io_result write_some(std::span<const iovec> from) noexcept;
    /// Whether the last write blocked: its bytes are in a record that must go out.
    [[nodiscard]] bool write_pending() const noexcept { return pending_ != 0; }
    /// Sends that nothing more comes. False: there is no room for it now. True: it is
    /// out, or never can be.
    [[nodiscard]] bool close_notify() noexcept;

    /// Bytes of records that the kernel has taken, also of a record that is only partly out.
    [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }

    /// What the last would_block waits for: room to write, else bytes to read.
    [[nodiscard]] bool wants_write() const noexcept { return wants_write_; }
    /// The kernel says that something has come: a read from what is held already must not hide it.
    void note_arrival() noexcept { drained_ = false; }
    /// Whether a read may have something although the kernel says nothing more.
    [[nodiscard]] bool has_more() const noexcept;
    /// The peer's certificate, if it was asked for one and what it showed was verified.
    [[nodiscard]] std::string_view sha256() const override;
    [[nodiscard]] const policies::jose::certificate_names* names() const override;
    /// Why it failed, in a few words without secrets.
    [[nodiscard]] std::string failure() const;

private:
    friend struct socket_bio;
    friend struct record_watch;

    /// The peer's certificate; null: none was verified.
    [[nodiscard]] X509* verified_certificate() const noexcept;
    [[nodiscard]] io_result conclude(int result, std::size_t bytes) noexcept;

    std::shared_ptr<void> used_;
    ssl_ptr ssl_;
    int descriptor_;
    unsigned long error_ = 0; ///< OpenSSL's, of the failure
    bool drained_ = false;    ///< the last receive left the socket empty, and nothing has come since
    bool ended_ = false;      ///< the peer's side of the socket is closed
    bool wants_write_ = false;
    bool broken_ = false;          ///< failed: nothing more may be written
    bool notify_pending_ = false;  ///< close_notify() blocked
    bool flooded_ = false;         ///< the peer has sent too many records without data
    std::size_t pending_ = 0;      ///< bytes of a write that blocked
    std::size_t pending_mark_ = 0; ///< and their hash
    std::uint64_t bytes_sent_ = 0;
    int records_left_;                                    ///< that may still come before data does
    mutable std::optional<std::string> certificate_hash_; ///< nothing: not asked yet
    /// Null: not asked yet, or there is no verified certificate.
    mutable std::unique_ptr<const policies::jose::certificate_names> certificate_names_;
};

} // namespace bearward::proxy::tls
