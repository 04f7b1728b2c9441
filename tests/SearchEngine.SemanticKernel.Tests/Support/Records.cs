using Microsoft.Extensions.VectorData;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class Item
{
    [VectorStoreKey]
    public string Id { get; set; } = "";

    [VectorStoreData(IsIndexed = true, StorageName = "item_number")]
    public int Number { get; set; }

    [VectorStoreData(IsIndexed = true)]
    public string? Name { get; set; }

    [VectorStoreVector(3, StorageName = "item_vector")]
    public ReadOnlyMemory<float> Vector { get; set; }

    public static Item Make(int number, string? name = null) =>
        new()
        {
            Id = $"k{number}",
            Number = number,
            Name = name ?? $"name {number}",
            Vector = new float[] { 1, 2, 2 + number },
        };
}

public sealed class Article
{
    [VectorStoreKey]
    public int Id { get; set; }

    [VectorStoreData(IsFullTextIndexed = true)]
    public string Text { get; set; } = "";

    [VectorStoreData(IsIndexed = true)]
    public int Code { get; set; }

    [VectorStoreVector(4)]
    public ReadOnlyMemory<float> Vector { get; set; }
}

public sealed class Letter
{
    [VectorStoreKey]
    public string Id { get; set; } = "";

    [VectorStoreData(IsFullTextIndexed = true)]
    public string Subject { get; set; } = "";

    [VectorStoreData(IsFullTextIndexed = true)]
    public string Body { get; set; } = "";

    [VectorStoreVector(2)]
    public ReadOnlyMemory<float> Vector { get; set; }
}

public sealed class Note
{
    [VectorStoreKey]
    public Guid Id { get; set; }

    [VectorStoreData]
    public string? Text { get; set; }

    [VectorStoreVector(3)]
    public string? Embedding { get; set; }
}
