/** Keys, and whose signatures count. Included by gait.hpp. */
#ifndef GAIT_KEY_HPP
#define GAIT_KEY_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "value.hpp"

namespace gait {

/** A public key. */
class VerifyingKey {
  public:
    /** Reads the content of a public key file. */
    static VerifyingKey parse(std::string_view text) {
        VerifyingKey key;
        detail::checked([&](gait_error **error) {
            return gait_verifying_key_parse(text.data(), text.size(), key.handle_.out(), error);
        });
        return key;
    }
    static VerifyingKey from_bytes(const std::array<unsigned char, 32> &bytes) {
        VerifyingKey key;
        detail::checked([&](gait_error **error) {
            return gait_verifying_key_from_bytes(bytes.data(), bytes.size(), key.handle_.out(), error);
        });
        return key;
    }
    std::string_view id() const { return detail::view(detail::ask(gait_verifying_key_id, get())); }
    std::string to_base64() const {
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
                   return gait_verifying_key_to_base64(get(), out, error);
               })
            .str();
    }
    /** Throws unless the signature document is this key's over the JSON text. */
    void verify_json(std::string_view signature, std::string_view json) const {
        detail::checked([&](gait_error **error) {
            return gait_verify_json(get(), signature.data(), signature.size(), json.data(), json.size(), error);
        });
    }
    /** Throws unless the signature document is this key's over the bytes. */
    void verify_bytes(std::string_view signature, std::string_view bytes) const {
        detail::checked([&](gait_error **error) {
            return gait_verify_bytes(get(), signature.data(), signature.size(), bytes.data(), bytes.size(), error);
        });
    }
    /** Throws unless the trace document is signed by this key. */
    void verify_trace(std::string_view trace, Mode mode = Mode::strict) const {
        detail::checked([&](gait_error **error) {
            return gait_trace_verify(trace.data(), trace.size(), static_cast<std::uint32_t>(mode), get(), error);
        });
    }
    const gait_verifying_key *get() const noexcept { return handle_.get(); }

  private:
    friend class SigningKey;
    VerifyingKey() = default;

    detail::Handle<gait_verifying_key, gait_verifying_key_free> handle_;
};

/** A private key. */
class SigningKey {
  public:
    /** Reads the content of a private key file. */
    static SigningKey parse(std::string_view text) {
        SigningKey key;
        detail::checked([&](gait_error **error) {
            return gait_signing_key_parse(text.data(), text.size(), key.handle_.out(), error);
        });
        return key;
    }
    static SigningKey from_seed(const std::array<unsigned char, 32> &seed) {
        SigningKey key;
        detail::checked([&](gait_error **error) {
            return gait_signing_key_from_seed(seed.data(), seed.size(), key.handle_.out(), error);
        });
        return key;
    }
    /** A new key from the operating system's randomness. */
    static SigningKey generate() {
        SigningKey key;
        detail::checked([&](gait_error **error) { return gait_signing_key_generate(key.handle_.out(), error); });
        return key;
    }
    std::string_view id() const { return detail::view(detail::ask(gait_signing_key_id, get())); }
    VerifyingKey verifying_key() const {
        VerifyingKey key;
        detail::checked(
            [&](gait_error **error) { return gait_signing_key_verifying_key(get(), key.handle_.out(), error); });
        return key;
    }
    /** The text of the private key; the buffer is wiped when it goes. */
    Buffer to_base64() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_signing_key_to_base64(get(), out, error); });
    }
    /** A signature document over the canonical form of a JSON text. */
    Buffer sign_json(std::string_view json) const {
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
            return gait_sign_json(get(), json.data(), json.size(), out, error);
        });
    }
    /** A signature document over bytes as they are. */
    Buffer sign_bytes(std::string_view bytes) const {
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
            return gait_sign_bytes(get(), bytes.data(), bytes.size(), out, error);
        });
    }
    const gait_signing_key *get() const noexcept { return handle_.get(); }

  private:
    SigningKey() = default;

    detail::Handle<gait_signing_key, gait_signing_key_free> handle_;
};

/**
 * Public keys whose signatures count, each for anybody or for the names it was added with. A key for anybody lets its
 * holder claim any name: two people who must both approve need keys of their own, each added with one name.
 */
class TrustedKeys {
  public:
    /** Nobody is trusted. */
    TrustedKeys() {
        detail::checked([&](gait_error **error) { return gait_trusted_keys_new(handle_.out(), error); });
    }
    /** One key, in the name of anybody. */
    explicit TrustedKeys(const VerifyingKey &key) : TrustedKeys() { add(key); }
    /** Trusts a key in the name of anybody. */
    TrustedKeys &add(const VerifyingKey &key) {
        detail::check(gait_trusted_keys_add(get(), key.get()));
        return *this;
    }
    /** Trusts a key in this name alone; called again with the same key, in the further name too. */
    TrustedKeys &add(const VerifyingKey &key, std::string_view identity) {
        detail::check(gait_trusted_keys_add_holder(get(), key.get(), identity.data(), identity.size()));
        return *this;
    }
    std::size_t size() const { return detail::ask(gait_trusted_keys_count, get()); }
    const gait_trusted_keys *get() const noexcept { return handle_.get(); }

  private:
    detail::Handle<gait_trusted_keys, gait_trusted_keys_free> handle_;
};

} // namespace gait

#endif // GAIT_KEY_HPP
