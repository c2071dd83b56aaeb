#include "proxy/tls/session.hpp"

#include "policies/jose/certificate_hash.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>

namespace bearward::proxy::tls {

/// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE, and does not
/// tell when a receive left nothing behind.
struct socket_bio {
    static session& of(BIO* bio) { return *static_cast<session*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* into, int size) {
        session& owner = of(bio);
        BIO_clear_retry_flags(bio);
        ssize_t got = -1;
        do {
            got = ::recv(owner.descriptor_, into, static_cast<std::size_t>(size), 0);
        } while (got < 0 && errno == EINTR);
        owner.drained_ = got < size;
        owner.ended_ = got == 0;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            BIO_set_retry_read(bio);
        }
        return static_cast<int>(got);
    }

    static int write(BIO* bio, const char* from, int size) {
        session& owner = of(bio);
        BIO_clear_retry_flags(bio);
        ssize_t sent = -1;
        do {
            sent = ::send(owner.descriptor_, from, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        } while (sent < 0 && errno == EINTR);
        owner.bytes_sent_ += sent > 0 ? static_cast<std::size_t>(sent) : 0;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            BIO_set_retry_write(bio);
        }
        return static_cast<int>(sent);
    }

    static long control(BIO* bio, int what, long, void*) {
        switch (what) {
        case BIO_CTRL_FLUSH:
            return 1;
        case BIO_CTRL_EOF:
            return of(bio).ended_ ? 1 : 0;
        default:
            return 0;
        }
    }

    static BIO_METHOD* method() {
        static const auto made = [] {
            BIO_METHOD* const fresh = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
            BIO_meth_set_read(fresh, &read);
            BIO_meth_set_write(fresh, &write);
            BIO_meth_set_ctrl(fresh, &control);
            BIO_meth_set_create(fresh, [](BIO* bio) {
                BIO_set_init(bio, 1);
                return 1;
            });
            return std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)>(fresh, &BIO_meth_free);
        }();
        return made.get();
    }
};

/// Counts the records that come, and ends the session within a call of OpenSSL's: after
/// the peer's close_notify, which is pretended here, it reads no further.
struct record_watch {
    static void on_message(int sent, int, int type, const void*, std::size_t, SSL* ssl, void* argument) {
        session& owner = *static_cast<session*>(argument);
        if (sent == 0 && type == SSL3_RT_HEADER && --owner.records_left_ < 0) {
            owner.flooded_ = true;
            SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
        }
    }
};

namespace {

/// Records of a handshake: a long certificate chain in the smallest fragments that peers
/// ask for (512 bytes, RFC 6066 section 4) takes about 40.
constexpr int most_in_handshake = 256;
/// Records in a row without data, as BoringSSL has it for KeyUpdates.
constexpr int most_without_data = 32;

/// RFC 8446 section 5.1: what one record holds.
constexpr std::size_t record_size = std::size_t{16} * 1024;

/// Pieces of a message leave in one record and one system call where they fit.
std::span<char> scratch() {
    thread_local const auto block = std::make_unique<std::array<char, record_size>>();
    return *block;
}

/// What to hand to OpenSSL of a gathered write: the first piece itself when it is
/// alone or fills a record, else a copy of the first ones.
std::span<const char> join(std::span<const iovec> pieces) {
    const std::span<const char> first{static_cast<const char*>(pieces.front().iov_base), pieces.front().iov_len};
    if (pieces.size() == 1 || first.size() >= record_size) {
        return first;
    }
    const auto block = scratch();
    std::size_t size = 0;
    for (const iovec& piece : pieces) {
        const std::size_t part = std::min(piece.iov_len, block.size() - size);
        std::memcpy(block.data() + size, piece.iov_base, part);
        size += part;
    }
    return block.first(size);
}

} // namespace

void ssl_deleter::operator()(SSL* ssl) const noexcept {
    SSL_free(ssl);
}

session::session(ssl_ptr ssl, int descriptor, std::shared_ptr<void> used)
    : used_(std::move(used)), ssl_(std::move(ssl)), descriptor_(descriptor), records_left_(most_in_handshake) {
    BIO* const bio = BIO_new(socket_bio::method());
    if (bio == nullptr) {
        throw std::runtime_error("no memory for a TLS connection");
    }
    BIO_set_data(bio, this);
    SSL_set_bio(ssl_.get(), bio, bio);
    SSL_set_msg_callback(ssl_.get(), &record_watch::on_message);
    SSL_set_msg_callback_arg(ssl_.get(), this);
}

/// `result`: of an OpenSSL call; what it means for the caller.
io_result session::conclude(int result, std::size_t bytes) noexcept {
    if (result > 0) {
        return {io_result::kind::done, bytes, 0};
    }
    const int system_error = errno;
    if (flooded_) {
        broken_ = true;
        ERR_clear_error();
        return {io_result::kind::failed, 0, EPROTO};
    }
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        wants_write_ = error == SSL_ERROR_WANT_WRITE;
        return {io_result::kind::would_block, 0, 0};
    }
    if (error == SSL_ERROR_ZERO_RETURN) {
        return {io_result::kind::end_of_stream, 0, 0};
    }
    broken_ = true;
    error_ = ERR_peek_error();
    ERR_clear_error();
    return {io_result::kind::failed, 0, error == SSL_ERROR_SYSCALL && system_error != 0 ? system_error : EPROTO};
}

io_result session::handshake() noexcept {
    ERR_clear_error();
    errno = 0;
    const auto result = conclude(SSL_do_handshake(ssl_.get()), 0);
    if (result.done()) {
        records_left_ = most_without_data;
    }
    return result;
}

io_result session::read_some(std::span<char> into) noexcept {
    ERR_clear_error();
    errno = 0;
    std::size_t bytes = 0;
    const int result = SSL_read_ex(ssl_.get(), into.data(), into.size(), &bytes);
    if (result > 0) {
        // One for the record itself and one more: so who mixes both gets no further either.
        records_left_ = std::min(records_left_ + 2, most_without_data);
    }
    return conclude(result, bytes);
}

io_result session::peek(std::span<char> into) noexcept {
    ERR_clear_error();
    errno = 0;
    std::size_t bytes = 0;
    const int result = SSL_peek_ex(ssl_.get(), into.data(), into.size(), &bytes);
    return conclude(result, bytes);
}

io_result session::write_some(std::span<const iovec> from) noexcept {
    if (broken_) {
        return {io_result::kind::failed, 0, EPIPE};
    }
    ERR_clear_error();
    errno = 0;
    const auto bytes = join(from);
    if (bytes.empty()) {
        return {io_result::kind::done, 0, 0};
    }
    const auto mark_of = [&bytes](std::size_t size) { return std::hash<std::string_view>{}({bytes.data(), size}); };
    if (pending_ != 0 && (bytes.size() < pending_ || mark_of(pending_) != pending_mark_)) {
        broken_ = true;
        return {io_result::kind::failed, 0, EPROTO};
    }
    std::size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    const auto concluded = conclude(result, written);
    pending_ = concluded.would_block() ? std::min(bytes.size(), record_size) : 0;
    pending_mark_ = pending_ != 0 ? mark_of(pending_) : 0;
    return concluded;
}

bool session::close_notify() noexcept {
    const bool told = (SSL_get_shutdown(ssl_.get()) & SSL_SENT_SHUTDOWN) != 0; // that is: begun
    if (broken_ || SSL_is_init_finished(ssl_.get()) != 1 || (told && !notify_pending_)) {
        return true;
    }
    ERR_clear_error();
    const int result = SSL_shutdown(ssl_.get());
    notify_pending_ = result < 0 && SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    return !notify_pending_;
}

bool session::has_more() const noexcept {
    return !drained_ || SSL_has_pending(ssl_.get()) == 1;
}

std::string session::failure() const {
    if (flooded_) {
        return "too many records without data";
    }
    if (const long verdict = SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK) {
        return std::string("certificate: ") + X509_verify_cert_error_string(verdict);
    }
    const char* const reason = error_ == 0 ? nullptr : ERR_reason_error_string(error_);
    return reason != nullptr ? reason : "the connection ended";
}

X509* session::verified_certificate() const noexcept {
    const bool verified = (SSL_get_verify_mode(ssl_.get()) & SSL_VERIFY_PEER) != 0 && SSL_get_verify_result(ssl_.get()) == X509_V_OK;
    return verified ? SSL_get0_peer_certificate(ssl_.get()) : nullptr;
}

std::string_view session::sha256() const {
    if (!certificate_hash_) {
        const X509* const shown = verified_certificate();
        certificate_hash_ = shown == nullptr ? std::string{} : policies::jose::certificate_sha256(*shown);
    }
    return *certificate_hash_;
}

const policies::jose::certificate_names* session::names() const {
    if (const X509* const shown = certificate_names_ == nullptr ? verified_certificate() : nullptr; shown != nullptr) {
        certificate_names_ = std::make_unique<const policies::jose::certificate_names>(policies::jose::read_certificate_names(*shown));
    }
    return certificate_names_.get();
}

} // namespace bearward::proxy::tls
