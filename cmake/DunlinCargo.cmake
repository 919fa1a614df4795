# The cargo call. dunlin_add_cargo(OUT) makes the target `dunlin_archive` and sets OUT to the
# archive it builds (with $<CONFIG> in it when the generator has several).

include("${CMAKE_CURRENT_LIST_DIR}/DunlinTarget.cmake")

# dunlin_find_rust(TRIPLE): sets DUNLIN_FOUND_CARGO, DUNLIN_FOUND_RUSTC and DUNLIN_FOUND_BUILD_STD.
# A toolchain that has the target's core is taken first, then one that has core's source.
function(dunlin_find_rust triple)
    find_program(DUNLIN_CARGO cargo HINTS "$ENV{HOME}/.cargo/bin" DOC "cargo")
    set(cargos "${DUNLIN_CARGO}")
    # A distribution's toolchain beside rustup's.
    if(EXISTS /usr/bin/cargo)
        list(APPEND cargos /usr/bin/cargo)
    endif()
    list(REMOVE_DUPLICATES cargos)
    set(tried "")
    foreach(kind IN ITEMS prebuilt source)
        foreach(cargo IN LISTS cargos)
            get_filename_component(folder "${cargo}" DIRECTORY)
            set(rustc "${folder}/rustc")
            if(NOT EXISTS "${rustc}")
                continue()
            endif()
            if(kind STREQUAL "prebuilt")
                execute_process(COMMAND ${rustc} --print target-libdir --target ${triple}
                    OUTPUT_VARIABLE libdir OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
                file(GLOB core "${libdir}/libcore-*.rlib")
            else()
                execute_process(COMMAND ${rustc} --print sysroot
                    OUTPUT_VARIABLE sysroot OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
                file(GLOB core "${sysroot}/lib/rustlib/src/rust/library/core/Cargo.toml")
            endif()
            if(core)
                set(DUNLIN_FOUND_CARGO "${cargo}" PARENT_SCOPE)
                set(DUNLIN_FOUND_RUSTC "${rustc}" PARENT_SCOPE)
                if(kind STREQUAL "source")
                    set(DUNLIN_FOUND_BUILD_STD ON PARENT_SCOPE)
                else()
                    set(DUNLIN_FOUND_BUILD_STD OFF PARENT_SCOPE)
                endif()
                return()
            endif()
            list(APPEND tried "${cargo}")
        endforeach()
    endforeach()
    list(REMOVE_DUPLICATES tried)
    message(FATAL_ERROR "Dunlin: no Rust toolchain has the target ${triple} (tried: ${tried}).\n"
        "With rustup: rustup target add ${triple}. Another cargo: set DUNLIN_CARGO.")
endfunction()

# dunlin_numbers(OUT): NAME=value for every build number that is set as a CMake variable. The names
# are those of build.rs, which rejects any other.
function(dunlin_numbers source out)
    file(STRINGS "${source}/build.rs" rows REGEX "^    \\(\"[A-Z0-9_]+\", [0-9]+,")
    set(list "")
    foreach(row IN LISTS rows)
        string(REGEX REPLACE "^    \\(\"([A-Z0-9_]+)\".*" "DUNLIN_\\1" name "${row}")
        if(DEFINED ${name} AND NOT "${${name}}" STREQUAL "")
            list(APPEND list "${name}=${${name}}")
        endif()
    endforeach()
    set(${out} "${list}" PARENT_SCOPE)
endfunction()

function(dunlin_add_cargo out)
    get_filename_component(source "${CMAKE_CURRENT_FUNCTION_LIST_DIR}" DIRECTORY)
    dunlin_rust_target(triple)
    dunlin_find_rust("${triple}")
    dunlin_numbers("${source}" numbers)

    # Debug builds check invariants and overflow; they are optimised like the others, since an
    # unoptimised core would not fit most devices.
    set(profile "$<IF:$<CONFIG:Debug>,checked,release>")
    # What the user's shell has for other Rust projects must not change this one.
    set(env --unset=RUSTFLAGS --unset=CARGO_ENCODED_RUSTFLAGS --unset=CARGO_BUILD_TARGET
        --unset=CARGO_TARGET_DIR --unset=CARGO_BUILD_RUSTFLAGS --unset=CARGO_BUILD_TARGET_DIR
        "RUSTC=${DUNLIN_FOUND_RUSTC}" ${numbers})
    set(std "")
    if(DUNLIN_FOUND_BUILD_STD)
        list(APPEND env RUSTC_BOOTSTRAP=1)
        set(std -Zbuild-std=core,alloc)
    endif()

    set(folder "${DUNLIN_CARGO_DIR}")
    if(NOT folder)
        set(folder "${CMAKE_CURRENT_BINARY_DIR}/cargo/$<CONFIG>")
    endif()
    set(raw "${folder}/${triple}/${profile}/libdunlin.a")
    get_property(multi GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
    if(multi)
        set(archive "${CMAKE_CURRENT_BINARY_DIR}/$<CONFIG>/libdunlin.a")
    else()
        set(archive "${CMAKE_CURRENT_BINARY_DIR}/libdunlin.a")
    endif()

    # cargo knows what is out of date, so it always runs.
    add_custom_target(dunlin_cargo
        COMMAND ${CMAKE_COMMAND} -E env ${env} ${DUNLIN_FOUND_CARGO} rustc --quiet --locked --lib
            --package dunlin --manifest-path "${source}/Cargo.toml" --crate-type staticlib
            --profile ${profile} --target ${triple} --features rt,critical-section-port ${std}
            --target-dir "${folder}"
        BYPRODUCTS "${raw}"
        WORKING_DIRECTORY "${source}"
        COMMENT "Dunlin: cargo (${triple})"
        USES_TERMINAL VERBATIM)

    # Flags that choose the ABI reach the linker through the compiler.
    separate_arguments(flags NATIVE_COMMAND "${CMAKE_C_FLAGS}")
    list(FILTER flags INCLUDE REGEX "^-(m|-target)")
    if(CMAKE_C_COMPILER_TARGET)
        list(APPEND flags "--target=${CMAKE_C_COMPILER_TARGET}")
    endif()
    set(exports "${source}/tests/abi/exports.txt")
    add_custom_command(OUTPUT "${archive}"
        COMMAND ${CMAKE_COMMAND} "-DARCHIVE=${raw}" "-DOUTPUT=${archive}" "-DEXPORTS=${exports}"
            "-DCC=${CMAKE_C_COMPILER}" "-DCFLAGS=${flags}" "-DAR=${CMAKE_AR}"
            "-DOBJCOPY=${CMAKE_OBJCOPY}" -P "${source}/cmake/DunlinPrelink.cmake"
        DEPENDS dunlin_cargo "${raw}" "${exports}" "${source}/cmake/DunlinPrelink.cmake"
        COMMENT "Dunlin: keeping the public symbols only"
        VERBATIM)
    add_custom_target(dunlin_archive ALL DEPENDS "${archive}")
    set(${out} "${archive}" PARENT_SCOPE)
endfunction()
