using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace SearchEngine.Api.Requests;

/// <summary>What OpenAPI says of vectors, which no generator can know of a converter of one's own.</summary>
internal static class VectorSchema
{
    /// <summary>Describes vectors, alone and by name, as arrays of numbers of single precision.</summary>
    public static Task DescribeAsync(OpenApiSchema schema, OpenApiSchemaTransformerContext context, CancellationToken cancellationToken)
    {
        if (context.JsonTypeInfo.Type == typeof(float[]))
        {
            // Of the type that stands there only whether null may stand in its place is known to the generator.
            schema.Type = JsonSchemaType.Array | (context.JsonPropertyInfo?.IsSetNullable == true ? JsonSchemaType.Null : 0);
            schema.Items = Component();
        }
        else if (context.JsonTypeInfo.ElementType == typeof(float[]))
        {
            schema.AdditionalProperties = new OpenApiSchema { Type = JsonSchemaType.Array, Items = Component() };
        }

        return Task.CompletedTask;
    }

    private static OpenApiSchema Component() =>
        new()
        {
            AnyOf = [new OpenApiSchema { Type = JsonSchemaType.Number }, new OpenApiSchema { Enum = ["NaN", "Infinity", "-Infinity"] }],
            Format = "float",
        };
}
