using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Weights;

public class SafetensorsTests
{
    [Fact]
    public void Tensors_come_back_as_they_were_written()
    {
        using ScratchFolder scratch = new();
        var path = Path.Combine(scratch.Path, "model.safetensors");
        byte[] bytes = [1, 2, 3, 4, 5, 6];
        float[] floats = [1.5f, -2.25f, float.NaN];
        SafetensorsWriter.Write(
            path,
            [
                SafetensorsTensor.FromBytes("half", SafetensorsDataType.BFloat16, [3], bytes),
                SafetensorsTensor.FromFloats("float", [3, 1], floats),
                SafetensorsTensor.FromFloats("scalar", [], [7]),
                SafetensorsTensor.FromFloats("empty", [0, 5], []),
            ],
            new Dictionary<string, string> { ["format"] = "pt", ["Schlüssel"] = "Wert" }
        );

        using var file = SafetensorsFile.Open(path);
        Assert.Equal(["empty", "float", "half", "scalar"], file.Entries.Keys.Order());
        Assert.Equal(bytes, file.Bytes(file.Entries["half"]).ToArray());
        Assert.Equal(floats, MemoryMarshal.Cast<byte, float>(file.Bytes(file.Entries["float"])).ToArray());
        Assert.Equal([7f], MemoryMarshal.Cast<byte, float>(file.Bytes(file.Entries["scalar"])).ToArray());
        Assert.Equal(0, file.Bytes(file.Entries["empty"]).Length);
        Assert.Equal([3L, 1], file.Entries["float"].Shape);
        Assert.Equal("BF16[3]", file.Entries["half"].Describe());
        Assert.Equal(("pt", "Wert"), (file.Metadata["format"], file.Metadata["Schlüssel"]));
        // The larger elements come first, so that each is aligned.
        Assert.All(file.Entries.Values, entry => Assert.Equal(0, entry.Offset % entry.DataType.ElementSize()));
        Assert.Single(Directory.GetFiles(scratch.Path));
    }

    [Fact]
    public unsafe void Pointers_read_and_write_unmanaged_memory()
    {
        using ScratchFolder scratch = new();
        var path = Path.Combine(scratch.Path, "model.safetensors");
        const int Count = 20_000_000;
        var memory = (byte*)NativeMemory.Alloc(Count);
        for (var i = 0; i < Count; i++)
            memory[i] = (byte)(i * 31 >> 3);
        SafetensorsWriter.Write(path, [SafetensorsTensor.FromPointer("t", SafetensorsDataType.UInt8, [Count], (nint)memory, Count)]);
        using var file = SafetensorsFile.Open(path);
        var mapped = (byte*)file.Pointer(file.Entries["t"]);
        Assert.True(new ReadOnlySpan<byte>(memory, Count).SequenceEqual(new ReadOnlySpan<byte>(mapped, Count)));
        NativeMemory.Free(memory);
    }

    /// <summary>Offsets are 64-bit: the last tensor of a sparse file lies past 4 GiB, and one tensor is larger than a span.</summary>
    [Fact]
    public unsafe void Tensors_past_two_gibibytes_are_reached_by_pointer()
    {
        using ScratchFolder scratch = new();
        var path = Path.Combine(scratch.Path, "model.safetensors");
        const long Large = 4_400_000_000;
        var header = Encoding.UTF8.GetBytes(
            $$$"""{"large":{"dtype":"U8","shape":[{{{Large}}}],"data_offsets":[0,{{{Large}}}]},"last":{"dtype":"U8","shape":[2],"data_offsets":[{{{Large}}},{{{Large + 2}}}]}}"""
        );
        using (FileStream stream = new(path, FileMode.CreateNew))
        {
            stream.Write(BitConverter.GetBytes((long)header.Length));
            stream.Write(header);
            stream.SetLength(8 + header.Length + Large + 2);
            stream.Seek(-3, SeekOrigin.End);
            stream.Write([5, 6, 7]);
        }
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([6, 7], file.Bytes(file.Entries["last"]).ToArray());
        Assert.Equal(5, ((byte*)file.Pointer(file.Entries["large"]))[Large - 1]);
        Assert.Throws<NotSupportedException>(() => file.Bytes(file.Entries["large"]));
    }

    [Fact]
    public void Failed_write_leaves_the_old_file()
    {
        using ScratchFolder scratch = new();
        var path = Path.Combine(scratch.Path, "model.safetensors");
        SafetensorsWriter.Write(path, [SafetensorsTensor.FromFloats("a", [1], [1])]);
        Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(path, [SafetensorsTensor.FromFloats("a", [2], [1])]));
        Assert.Throws<ArgumentException>(() =>
            SafetensorsWriter.Write(path, [SafetensorsTensor.FromFloats("a", [1], [1]), SafetensorsTensor.FromFloats("a", [1], [1])])
        );
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [SafetensorsTensor.FromFloats("a", [-1], [1])]));
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(path, [SafetensorsTensor.FromFloats("a", [long.MaxValue, 4], [1])]));
        Assert.Equal([path], Directory.GetFiles(scratch.Path));
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([1f], MemoryMarshal.Cast<byte, float>(file.Bytes(file.Entries["a"])).ToArray());
    }

    [Fact]
    public void Entries_of_another_file_and_use_after_dispose_are_refused()
    {
        using ScratchFolder scratch = new();
        var path = Path.Combine(scratch.Path, "model.safetensors");
        SafetensorsWriter.Write(path, [SafetensorsTensor.FromFloats("a", [1], [1])]);
        var file = SafetensorsFile.Open(path);
        var entry = file.Entries["a"];
        Assert.Throws<ArgumentException>(() => file.Pointer(entry with { Length = 1L << 40 }));
        file.Dispose();
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Pointer(entry));
    }

    [Fact]
    public void Shards_are_one_set()
    {
        using ScratchFolder scratch = new();
        SafetensorsWriter.Write(
            Path.Combine(scratch.Path, "model-00001-of-00002.safetensors"),
            [SafetensorsTensor.FromFloats("a", [1], [1])]
        );
        var second = Path.Combine(scratch.Path, "model-00002-of-00002.safetensors");
        SafetensorsWriter.Write(second, [SafetensorsTensor.FromFloats("b", [1], [2])]);
        var index = Path.Combine(scratch.Path, "model.safetensors.index.json");
        File.WriteAllText(
            index,
            """{"metadata": {"total_size": 8}, "weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}}"""
        );
        using (var set = SafetensorsSet.Open(scratch.Path))
        {
            Assert.Equal(["a", "b"], set.Entries.Keys.Order());
            Assert.Equal([2f], MemoryMarshal.Cast<byte, float>(set.Bytes(set.Entries["b"])).ToArray());
        }
        File.Delete(second);
        var missing = Assert.Throws<ModelFormatException>(() => SafetensorsSet.Open(scratch.Path));
        Assert.Equal(second, missing.Path);
        Assert.Contains("missing", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"weight_map": {"a": "../model.safetensors"}}""", "plain file name")]
    [InlineData("""{"weight_map": {"c": "one.safetensors"}}""", "'c'")]
    [InlineData("""{"weight_map": {"a": 7}}""", "'a'")]
    [InlineData("""{"weight_map": {}}""", "empty")]
    [InlineData("""{"map": {}}""", "weight_map")]
    [InlineData("{", "JSON")]
    public void Faulty_index_is_refused(string index, string expected)
    {
        using ScratchFolder scratch = new();
        SafetensorsWriter.Write(Path.Combine(scratch.Path, "one.safetensors"), [SafetensorsTensor.FromFloats("a", [1], [1])]);
        File.WriteAllText(Path.Combine(scratch.Path, "model.safetensors.index.json"), index);
        Assert.Contains(
            expected,
            Assert.Throws<ModelFormatException>(() => SafetensorsSet.Open(scratch.Path)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Folder_without_weights_says_what_is_there()
    {
        using ScratchFolder scratch = new();
        File.WriteAllText(Path.Combine(scratch.Path, "pytorch_model.bin"), "x");
        Assert.Contains(
            "Pickled",
            Assert.Throws<ModelFormatException>(() => SafetensorsSet.Open(scratch.Path)).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "no such folder",
            Assert.Throws<ModelFormatException>(() => SafetensorsSet.Open(scratch.Path + "-none")).Message,
            StringComparison.Ordinal
        );
    }

    public static TheoryData<string, int, string> HostileHeaders =>
        new()
        {
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 4, "truncated" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 12, "belong to no tensor" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12, "belong to no tensor" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}""", 8, "before it begins" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}""", 8, "truncated" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615]}}""", 8, "whole numbers" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}""", 8, "whole numbers" },
            { """{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8, "whole numbers" },
            { """{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8, "whole numbers" },
            { """{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8, "does not take" },
            { """{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "does not take" },
            { """{"a":{"dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,8]}}""", 8, "does not take" },
            {
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""",
                4,
                "overlap"
            },
            {
                """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
                8,
                "overlap"
            },
            {
                """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""",
                8,
                "twice"
            },
            { """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "twice" },
            { """{"__metadata__":{"a":"b","a":"c"}}""", 0, "twice" },
            { """{"__metadata__":{"a":{"b":"c"}}}""", 0, "not a string" },
            { """{"a":{"dtype":"F4","shape":[2],"data_offsets":[0,1]}}""", 1, "F4" },
            { """{"a":{"dtype":7,"shape":[2],"data_offsets":[0,8]}}""", 8, "dtype" },
            { """{"a":{"dtype":"F32","shape":[2]}}""", 8, "data_offsets" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4,8]}}""", 8, "3 numbers" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"strides":[1]}}""", 8, "strides" },
            { """{"a":[1]}""", 0, "not a JSON object" },
            { """[1]""", 0, "not a JSON object" },
            { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""", 8, "JSON" },
            { """{} {}""", 0, "JSON" },
            { "", 0, "JSON" },
            { "{\"a\":" + new string('[', 200) + new string(']', 200) + "}", 0, "not a JSON object" },
            {
                "{\"a\":{\"dtype\":\"F32\",\"shape\":" + new string('[', 200) + new string(']', 200) + ",\"data_offsets\":[0,8]}}",
                8,
                "whole numbers"
            },
            {
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[" + string.Join(',', Enumerable.Repeat("1", 5000)) + "],\"data_offsets\":[0,4]}}",
                4,
                "more than 64"
            },
            { "{\"\uD800\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "JSON" },
        };

    [Theory]
    [MemberData(nameof(HostileHeaders))]
    public void Hostile_header_is_refused(string header, int dataLength, string expected)
    {
        // A lone surrogate is written as the three bytes that UTF-8 forbids.
        var json = header.Contains('\uD800')
            ? [.. Encoding.UTF8.GetBytes(header.Split('\uD800')[0]), 0xED, 0xA0, 0x80, .. Encoding.UTF8.GetBytes(header.Split('\uD800')[1])]
            : Encoding.UTF8.GetBytes(header);
        var error = Assert.Throws<ModelFormatException>(() => Open(json, json.Length, new byte[dataLength]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.True(error.Message.Length < 1500);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100_000_001UL)]
    [InlineData(99_999_999UL)]
    [InlineData(9UL)]
    public void Absurd_header_length_allocates_nothing(ulong length)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<ModelFormatException>(() => Open("{}"u8.ToArray(), (long)length, new byte[6]));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void File_shorter_than_its_prefix_is_refused(int length)
    {
        using ScratchFolder scratch = new();
        var path = Path.Combine(scratch.Path, "model.safetensors");
        File.WriteAllBytes(path, new byte[length]);
        Assert.Contains(
            $"{length} bytes",
            Assert.Throws<ModelFormatException>(() => SafetensorsFile.Open(path)).Message,
            StringComparison.Ordinal
        );
    }

    /// <summary>
    /// Random damage to a header: either the file still opens, and then every tensor can be read, or the one exception is raised.
    /// </summary>
    [Fact]
    public void Damaged_headers_raise_the_one_exception()
    {
        const int Seed = 90125;
        Random random = new(Seed);
        var good =
            """{"__metadata__":{"format":"pt"},"a.weight":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[4],"data_offsets":[24,32]},"c":{"dtype":"U8","shape":[],"data_offsets":[32,33]}}"""u8.ToArray();
        string[] tokens =
        [
            "\"",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "-",
            "9",
            "0",
            "1e9",
            "18446744073709551616",
            "null",
            "true",
            "\\u0000",
            "\"dtype\"",
            "\"shape\"",
            "\uFFFF",
            " ",
        ];
        int refused = 0,
            opened = 0;
        for (var round = 0; round < 20_000; round++)
        {
            List<byte> json = [.. good];
            for (var i = random.Next(1, 4); i > 0; i--)
            {
                var place = random.Next(json.Count);
                switch (random.Next(4))
                {
                    case 0:
                        json[place] = (byte)random.Next(256);
                        break;
                    case 1:
                        json.InsertRange(place, Encoding.UTF8.GetBytes(tokens[random.Next(tokens.Length)]));
                        break;
                    case 2:
                        json.RemoveRange(place, Math.Min(random.Next(1, 30), json.Count - place - 1));
                        break;
                    default:
                        json[place] = (byte)('0' + random.Next(10));
                        break;
                }
            }
            byte[] content = [.. json];
            long fileLength = 8 + content.Length + 33;
            try
            {
                var header = SafetensorsHeader.Parse("fuzz", content, fileLength);
                foreach (var entry in header.Entries.Values)
                {
                    Assert.True(
                        entry.Offset >= 8 + content.Length && entry.Length >= 0 && entry.Offset + entry.Length <= fileLength,
                        $"seed {Seed}, round {round}"
                    );
                }
                opened++;
            }
            catch (ModelFormatException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {Seed}, round {round}: {Encoding.UTF8.GetString(content)}: {e}");
            }
        }
        Assert.True(refused > 10_000 && opened > 10, $"{refused} refused, {opened} opened");
    }

    private static void Open(byte[] json, long headerLength, byte[] data)
    {
        using ScratchFolder scratch = new();
        var path = Path.Combine(scratch.Path, "model.safetensors");
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, headerLength);
        File.WriteAllBytes(path, [.. prefix, .. json, .. data]);
        SafetensorsFile.Open(path).Dispose();
    }
}
