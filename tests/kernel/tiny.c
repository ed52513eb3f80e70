// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * tiny - write a program of a hundred bytes that only reads single bytes
 *
 * That program starts and ends within microseconds. With --32 it is a 32-bit program, and needs
 * neither a library nor a compiler. Exit status 77: this processor is not supported.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/lib/program.h"

enum { LOAD_AT = 0x400000, CODE_MAX = 64 };

#if defined(__x86_64__)

/* Both keep the count in esi or r12d, and use the stack as the buffer. */
static const uint8_t code_32[] = {
	0xbe, 0,    0, 0, 0, /*    mov $COUNT, %esi */
	0xb8, 3,    0, 0, 0, /* 1: mov $3, %eax: read */
	0xbb, 0,    0, 0, 0, /*    mov $FD, %ebx */
	0x89, 0xe1,	     /*    mov %esp, %ecx */
	0xba, 1,    0, 0, 0, /*    mov $1, %edx */
	0xcd, 0x80,	     /*    int $0x80 */
	0x4e,		     /*    dec %esi */
	0x75, 0xea,	     /*    jnz 1b */
	0xb8, 1,    0, 0, 0, /*    mov $1, %eax: exit */
	0x31, 0xdb,	     /*    xor %ebx, %ebx */
	0xcd, 0x80,	     /*    int $0x80 */
};
static const uint8_t code_64[] = {
	0x41, 0xbc, 0,	  0, 0, 0, /*    mov $COUNT, %r12d */
	0x31, 0xc0,		   /* 1: xor %eax, %eax: read */
	0xbf, 0,    0,	  0, 0,	   /*    mov $FD, %edi */
	0x48, 0x89, 0xe6,	   /*    mov %rsp, %rsi */
	0xba, 1,    0,	  0, 0,	   /*    mov $1, %edx */
	0x0f, 0x05,		   /*    syscall */
	0x41, 0xff, 0xcc,	   /*    dec %r12d */
	0x75, 0xea,		   /*    jnz 1b */
	0xb8, 60,   0,	  0, 0,	   /*    mov $60, %eax: exit */
	0x31, 0xff,		   /*    xor %edi, %edi */
	0x0f, 0x05,		   /*    syscall */
};
enum { COUNT_32 = 1, FD_32 = 11, COUNT_64 = 2, FD_64 = 9 };

static size_t write_32(uint8_t *image, uint32_t fd, uint32_t count)
{
	Elf32_Ehdr header = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = EM_386,
		.e_version = EV_CURRENT,
		.e_entry = LOAD_AT + sizeof(Elf32_Ehdr) + sizeof(Elf32_Phdr),
		.e_phoff = sizeof(Elf32_Ehdr),
		.e_ehsize = sizeof(Elf32_Ehdr),
		.e_phentsize = sizeof(Elf32_Phdr),
		.e_phnum = 1,
	};
	size_t start = sizeof(header) + sizeof(Elf32_Phdr);
	Elf32_Phdr segment = {
		.p_type = PT_LOAD,
		.p_vaddr = LOAD_AT,
		.p_filesz = (Elf32_Word)(start + sizeof(code_32)),
		.p_memsz = (Elf32_Word)(start + sizeof(code_32)),
		.p_flags = PF_R | PF_X,
		.p_align = 0x1000,
	};

	memcpy(image, &header, sizeof(header));
	memcpy(image + sizeof(header), &segment, sizeof(segment));
	memcpy(image + start, code_32, sizeof(code_32));
	memcpy(image + start + COUNT_32, &count, sizeof(count));
	memcpy(image + start + FD_32, &fd, sizeof(fd));
	return start + sizeof(code_32);
}

static size_t write_64(uint8_t *image, uint32_t fd, uint32_t count)
{
	Elf64_Ehdr header = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			    EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = LOAD_AT + sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
		.e_phoff = sizeof(Elf64_Ehdr),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
	};
	size_t start = sizeof(header) + sizeof(Elf64_Phdr);
	Elf64_Phdr segment = {
		.p_type = PT_LOAD,
		.p_vaddr = LOAD_AT,
		.p_filesz = start + sizeof(code_64),
		.p_memsz = start + sizeof(code_64),
		.p_flags = PF_R | PF_X,
		.p_align = 0x1000,
	};

	memcpy(image, &header, sizeof(header));
	memcpy(image + sizeof(header), &segment, sizeof(segment));
	memcpy(image + start, code_64, sizeof(code_64));
	memcpy(image + start + COUNT_64, &count, sizeof(count));
	memcpy(image + start + FD_64, &fd, sizeof(fd));
	return start + sizeof(code_64);
}

#else

typedef size_t (*writer)(uint8_t *image, uint32_t fd, uint32_t count);

static size_t write_none(uint8_t *image, uint32_t fd, uint32_t count)
{
	(void)image;
	(void)fd;
	(void)count;
	fputs("tiny: this works on x86-64 only\n", stderr);
	exit(EXIT_SKIPPED);
}

static const writer write_32 = write_none;
static const writer write_64 = write_none;

#endif

int main(int argc, char *argv[])
{
	uint8_t image[sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr) + CODE_MAX] = {0};
	int narrow = argc > 1 && strcmp(argv[1], "--32") == 0;
	uint32_t count;
	uint32_t fd;
	size_t size;
	int file;

	if (argc - narrow != 4) {
		fputs("usage: tiny [--32] FILE FD COUNT\n"
		      "Write a program to FILE that reads COUNT times one byte from descriptor FD.\n",
		      stderr);
		return EXIT_USAGE;
	}
	argv += narrow;
	fd = (uint32_t)number(argv[2]);
	count = (uint32_t)number(argv[3]);
	size = narrow ? write_32(image, fd, count) : write_64(image, fd, count);
	file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (file < 0 || write(file, image, size) != (ssize_t)size || close(file) < 0)
		die(argv[1]);
	return 0;
}
