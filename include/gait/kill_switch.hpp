/** The kill switch and its file. Included by gait.hpp. */
#ifndef GAIT_KILL_SWITCH_HPP
#define GAIT_KILL_SWITCH_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "value.hpp"

namespace gait {

/** The state of a kill switch. */
class KillSwitch {
  public:
    explicit KillSwitch(std::string_view json, Mode mode = Mode::strict) {
        detail::checked([&](gait_error **error) {
            return gait_kill_switch_parse(json.data(), json.size(), static_cast<std::uint32_t>(mode), handle_.out(),
                                          error);
        });
    }
    /** The state document, with the member `entries`. */
    Buffer to_json() const {
        return detail::buffer(
            [&](gait_buffer **out, gait_error **error) { return gait_kill_switch_to_json(get(), out, error); });
    }
    const gait_kill_switch *get() const noexcept { return handle_.get(); }

  private:
    friend class KillSwitchFile;
    KillSwitch() = default;

    detail::Handle<gait_kill_switch, gait_kill_switch_free> handle_;
};

/** A kill switch's file, which stops the agents of all processes whose gates ask it. Entries are JSON objects. */
class KillSwitchFile {
  public:
    explicit KillSwitchFile(std::string path, Mode mode = Mode::strict) : path_(std::move(path)), mode_(mode) {}
    /** The moment of further changes; the system clock's unless set. */
    KillSwitchFile &at(const Time &now) noexcept {
        now_ = now;
        return *this;
    }
    /** Makes the file, without entries, where there is none; its folder must exist. */
    void start() const {
        const gait_kill_switch_file file = raw();
        detail::checked([&](gait_error **error) { return gait_kill_switch_start(&file, error); });
    }
    /** The state as it is now. */
    KillSwitch load() const {
        const gait_kill_switch_file file = raw();
        KillSwitch state;
        detail::checked([&](gait_error **error) { return gait_kill_switch_load(&file, state.handle_.out(), error); });
        return state;
    }
    /** Adds an entry, in force from now on, and gives it with its id. */
    Buffer add(std::string_view entry) const {
        const gait_kill_switch_file file = raw();
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
            return gait_kill_switch_add(&file, entry.data(), entry.size(), out, error);
        });
    }
    /** Takes an entry out of force. */
    Buffer disable(std::string_view entry_id) const {
        const gait_kill_switch_file file = raw();
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
            return gait_kill_switch_disable(&file, entry_id.data(), entry_id.size(), out, error);
        });
    }
    /** Lets an entry end, now unless said otherwise. */
    Buffer expire(std::string_view entry_id, const std::optional<Time> &at = std::nullopt) const {
        const gait_kill_switch_file file = raw();
        return detail::buffer([&](gait_buffer **out, gait_error **error) {
            return gait_kill_switch_expire(&file, entry_id.data(), entry_id.size(), at ? at->get() : nullptr, out,
                                           error);
        });
    }

  private:
    gait_kill_switch_file raw() const noexcept {
        gait_kill_switch_file file{};
        file.size = sizeof file;
        file.path = detail::str(path_);
        file.mode = static_cast<std::uint32_t>(mode_);
        file.now = now_ ? now_->get() : nullptr;
        return file;
    }

    std::string path_;
    Mode mode_;
    std::optional<Time> now_;
};

} // namespace gait

#endif // GAIT_KILL_SWITCH_HPP
