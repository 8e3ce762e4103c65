using Ecom.FeatureStore;

var builder = WebApplication.CreateBuilder(args);
builder.AddFeatureStore();

var app = builder.Build();
app.MapFeatureStore();

await app.RunAsync();
