/** Times, bytes, canonical JSON and digests. Included by gait.hpp. */
#ifndef GAIT_VALUE_HPP
#define GAIT_VALUE_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "handle.hpp"

namespace gait {

/** The version of the library, such as `0.1.0`. */
inline std::string_view version() noexcept { return detail::view(gait_version()); }

/** Whether the loaded library fits this header. */
inline bool abi_fits() noexcept {
    constexpr std::uint32_t ours = GAIT_ABI_VERSION;
    const std::uint32_t theirs = gait_abi_version();
    return ours >> 16 == 0 ? theirs == ours : theirs >> 16 == ours >> 16 && theirs >= ours;
}

/** An instant, in UTC. */
class Time {
  public:
    explicit Time(gait_time time) noexcept : time_(time) {}
    /** Reads RFC 3339. */
    explicit Time(std::string_view text) {
        detail::checked([&](gait_error **error) { return gait_time_parse(text.data(), text.size(), &time_, error); });
    }
    /** The time now by the system's clock. */
    static Time now() {
        gait_time time{};
        detail::check(gait_time_now(&time));
        return Time(time);
    }
    const gait_time *get() const noexcept { return &time_; }

  private:
    gait_time time_{};
};

/** Bytes that a call made. */
class Buffer {
  public:
    std::string_view view() const { return detail::view(detail::ask(gait_buffer_bytes, handle_.get())); }
    std::string str() const { return std::string(view()); }
    const gait_buffer *get() const noexcept { return handle_.get(); }
    gait_buffer **out() noexcept { return handle_.out(); }

  private:
    detail::Handle<gait_buffer, gait_buffer_free> handle_;
};

namespace detail {

/** Calls `call` with a place for a buffer and one for an error. */
template <typename Call> Buffer buffer(Call call) {
    Buffer made;
    checked([&](gait_error **error) { return call(made.out(), error); });
    return made;
}

} // namespace detail

/** The canonical form (RFC 8785) of a JSON text. */
inline Buffer canonicalize(std::string_view json, Mode mode = Mode::strict) {
    return detail::buffer([&](gait_buffer **out, gait_error **error) {
        return gait_canonicalize(json.data(), json.size(), static_cast<std::uint32_t>(mode), out, error);
    });
}

/** The hex digest of the canonical form of a JSON text. */
inline std::string digest_json(std::string_view json, Mode mode = Mode::strict) {
    gait_digest digest{};
    detail::checked([&](gait_error **error) {
        return gait_digest_json(json.data(), json.size(), static_cast<std::uint32_t>(mode), &digest, error);
    });
    return detail::hex(digest);
}

/** The hex SHA-256 digest of bytes. */
inline std::string digest_bytes(std::string_view bytes) {
    gait_digest digest{};
    detail::check(gait_digest_bytes(bytes.data(), bytes.size(), &digest));
    return detail::hex(digest);
}

} // namespace gait

#endif // GAIT_VALUE_HPP
