/** Owners of handles, and errors as exceptions. Included by gait.hpp. */
#ifndef GAIT_HANDLE_HPP
#define GAIT_HANDLE_HPP

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "../gait.h"

namespace gait {

/** How closely input is looked at. */
enum class Mode : std::uint32_t {
    /** Refuse what is unknown, ambiguous or cannot be kept exactly. */
    strict = GAIT_MODE_STRICT,
    /** Give the reference tool's answers, leniencies included. */
    compat = GAIT_MODE_COMPAT,
};

namespace detail {

inline std::string_view view(gait_str text) noexcept { return {text.data, text.len}; }

inline std::string_view view(gait_bytes bytes) noexcept { return {static_cast<const char *>(bytes.data), bytes.len}; }

inline gait_str str(std::string_view text) noexcept { return {text.data(), text.size()}; }

inline std::string hex(const gait_digest &digest) { return std::string(digest.hex); }

/** Owns a handle of the C interface. */
template <typename T, gait_status (*Free)(T *)> class Handle {
  public:
    Handle() noexcept = default;
    Handle(Handle &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Handle &operator=(Handle &&other) noexcept {
        if (this != &other) {
            reset();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    Handle(const Handle &) = delete;
    Handle &operator=(const Handle &) = delete;
    ~Handle() { reset(); }

    /** The handle, which stays owned by this object. */
    T *get() const noexcept { return handle_; }
    /** Where a function of the C interface may put a handle. */
    T **out() noexcept {
        reset();
        return &handle_;
    }
    /** Takes over a handle. */
    void adopt(T *handle) noexcept {
        reset();
        handle_ = handle;
    }

  private:
    void reset() noexcept { static_cast<void>(Free(std::exchange(handle_, nullptr))); }

    T *handle_ = nullptr;
};

} // namespace detail

/** Why a call failed. */
class Error : public std::exception {
  public:
    /** Takes what an error says; the handle stays the caller's. */
    Error(gait_status status, const gait_error *error) : status_(status) {
        gait_str text{};
        if (gait_error_message(error, &text) == GAIT_STATUS_OK) {
            message_ = detail::view(text);
        }
        if (gait_error_code(error, &text) == GAIT_STATUS_OK) {
            code_ = detail::view(text);
        }
        if (gait_error_category(error, &text) == GAIT_STATUS_OK) {
            category_ = detail::view(text);
        }
        if (gait_error_member(error, &text) == GAIT_STATUS_OK) {
            member_ = detail::view(text);
        }
        static_cast<void>(gait_error_retryable(error, &retryable_));
        static_cast<void>(gait_error_place(error, &place_));
        if (code_.empty()) {
            code_ = detail::view(gait_status_name(status));
            message_ = code_;
        }
    }

    /** What went wrong, for a person. */
    const char *what() const noexcept override { return message_.c_str(); }
    /** What the C function returned. */
    gait_status status() const noexcept { return status_; }
    /** Stable name of this very failure, such as `intent_missing_field`. */
    const std::string &code() const noexcept { return code_; }
    /** Kind of failure, such as `invalid_input`. */
    const std::string &category() const noexcept { return category_; }
    /** Member of the document it is about, such as `targets[0].kind`; may be empty. */
    const std::string &member() const noexcept { return member_; }
    /** Whether the same call may succeed later. */
    bool retryable() const noexcept { return retryable_; }
    /** Where in the input, in bytes. */
    std::optional<std::size_t> offset() const noexcept {
        return place_.offset == SIZE_MAX ? std::nullopt : std::optional<std::size_t>(place_.offset);
    }
    /** Line from 1; 0 when unknown. */
    std::uint32_t line() const noexcept { return place_.line; }
    /** Column from 1; 0 when unknown. */
    std::uint32_t column() const noexcept { return place_.column; }

  private:
    gait_status status_;
    std::string message_;
    std::string code_;
    std::string category_;
    std::string member_;
    bool retryable_ = false;
    gait_place place_ = {SIZE_MAX, 0, 0};
};

namespace detail {

using ErrorHandle = Handle<gait_error, gait_error_free>;

/** Throws unless the status is OK. */
inline void check(gait_status status) {
    if (status != GAIT_STATUS_OK) {
        throw Error(status, nullptr);
    }
}

/** Calls `call` with a place for an error and throws that. */
template <typename Call> void checked(Call call) {
    ErrorHandle error;
    const gait_status status = call(error.out());
    if (status != GAIT_STATUS_OK) {
        throw Error(status, error.get());
    }
}

/** Asks something of a handle. */
template <typename Answer, typename T> Answer ask(gait_status (*question)(const T *, Answer *), const T *handle) {
    Answer answer{};
    check(question(handle, &answer));
    return answer;
}

/** Asks for all items of a list. */
template <typename T>
std::vector<std::string_view> list(gait_status (*count)(const T *, std::size_t *),
                                   gait_status (*item)(const T *, std::size_t, gait_str *), const T *handle) {
    std::vector<std::string_view> items(ask(count, handle));
    for (std::size_t index = 0; index < items.size(); ++index) {
        gait_str text{};
        check(item(handle, index, &text));
        items[index] = view(text);
    }
    return items;
}

} // namespace detail

} // namespace gait

#endif // GAIT_HANDLE_HPP
